"""Days and hours of the sample programme, counted back from the moment it is made."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from gateway.crm.embedded.times import add_working_days
from gateway.sample.dice import Dice

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
#: What "now" is on the day a programme is made for, when the clock shows another day.
_MORNING = time(9, 41)


class Days:
    """The calendar around one moment. Nothing it gives as past lies after that moment."""

    def __init__(self, today: date, now: datetime) -> None:
        self.today = today
        # A quarter of an hour is left for what follows at once, such as the confirmation of a submission.
        self.now = (now if now.date() == today else datetime.combine(today, _MORNING, UTC)) - timedelta(
            minutes=15
        )

    def working_day(self, back: int) -> date:
        """Return the working day `back` working days ago; 0 is today, or Friday on a weekend."""
        day = self.today
        while day.weekday() >= 5:
            day -= timedelta(days=1)
        while back > 0:
            day -= timedelta(days=1)
            if day.weekday() < 5:
                back -= 1
        return day

    def at(self, back: int, clock: str) -> datetime:
        """Return a time on a working day `back` working days ago, such as `at(1, "15:20")`."""
        hour, minute = (int(part) for part in clock.split(":"))
        return self.capped(datetime.combine(self.working_day(back), time(hour, minute), UTC))

    def capped(self, moment: datetime) -> datetime:
        """Return the moment, or one shortly before now that keeps the order of the day when it has not come yet."""
        if moment <= self.now:
            return moment
        return self.now - (datetime.combine(moment.date(), time(23, 59), UTC) - moment) / 60

    def ahead(self, days: int) -> date:
        """Return the day so many days from today."""
        return self.today + timedelta(days=days)

    def working_ahead(self, days: int) -> date:
        """Return the working day so many working days from today."""
        return add_working_days(self.today, days)

    def office_time(self, day: date, dice: Dice) -> datetime:
        """Return some time of a working day near `day`."""
        while day.weekday() >= 5:
            day += timedelta(days=1)
        moment = datetime.combine(day, time(dice.between(8, 16), dice.between(0, 59)), UTC)
        return self.capped(moment + timedelta(minutes=dice.between(0, 55), seconds=dice.between(0, 59)))

    def later(self, moment: datetime, dice: Dice, low: int, high: int) -> datetime:
        """Return an office time `low` to `high` working days after `moment`, and always after it."""
        hops = dice.between(low, high)
        if hops == 0:
            soon = moment + timedelta(minutes=dice.between(12, 170))
            if soon.hour >= 18:
                soon = self.office_time(add_working_days(moment.date(), 1), dice)
            return max(self.capped(soon), moment + timedelta(minutes=1))
        return max(
            self.office_time(add_working_days(moment.date(), hops), dice), moment + timedelta(minutes=1)
        )


def month_name(day: date) -> str:
    """Return the month in words."""
    return _MONTHS[day.month - 1]


def short_day(day: date) -> str:
    """Write a day as *2 December*."""
    return f"{day.day} {month_name(day)}"


def long_day(day: date) -> str:
    """Write a day as *2 December 2026*."""
    return f"{day.day} {month_name(day)} {day.year}"
