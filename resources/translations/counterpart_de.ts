<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>AccountRow</name>
        <message>
            <source>Open</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>AccountStep</name>
        <message>
            <source>Another gateway</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Gateway address</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed. Write the address the vendor gave you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The vendor gave it to you. It begins with https://.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ActivitySection</name>
        <message>
            <source>Activity</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Full history</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Latest only</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing has gone back or forth yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>since {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>today</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>AttachmentPane</name>
        <message>
            <source>Back</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>added by {name}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>BrowserStep</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Copied</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Copy the address</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No page opened? Copy its address into a browser on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>BucketGrid</name>
        <message>
            <source>{same} of {all} buckets identical</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Buckets</name>
        <message>
            <source>Bucket {name}: {records}, {state}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>identical, after a repair</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>still differs</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>CalendarPopup</name>
        <message>
            <source>Calendar</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Month before</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Next month</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ChangesSection</name>
        <message>
            <source>Mark as seen</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing has changed since.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Show all {count}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The newest {most} of {count} are shown.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What the vendor changes or answers stands here.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ChipBar</name>
        <message>
            <source>Views</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ChoiceControl</name>
        <message>
            <source>Choose</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ColleagueRow</name>
        <message>
            <source>Another administrator can change your role.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Error</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Has not been here yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Invited, until {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Invited; link expired</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Last seen {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>New link</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>New link for {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Role of {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ColleaguesPage</name>
        <message>
            <source>Asking {vendor} who works here</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Colleagues</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Invite a colleague</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Invite the first colleague: they get a link that works once.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nobody else is here yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nobody here matches what you search for.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>One moment: the gateway is asked.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Read the list again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove colleague</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove {name}?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search colleagues</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The list could not be read</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The list has not been read yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>They can no longer sign in for {company}, on any device, and their sessions end at once. What they have sent stays with {vendor}; what they have not sent yet is not sent any more. What their devices hold can be read there until {vendor} orders it erased. You can invite them again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline. This is the list as of {time}; changing it needs the network.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline. What you typed stays here; it can be sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{name} is {role} now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{name} was removed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{people}, {invited} invited</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} keeps this list, so it is shown when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ComboBox</name>
        <message>
            <source>Choices</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ComingRow</name>
        <message>
            <source>Coming in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Next</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open {things}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ready</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>record</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>records</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} to come</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{done} of {total}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>CommentBox</name>
        <message>
            <source>Add files</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Comment</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send (waits to send)</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a comment</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write something, or add a file.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>CommentList</name>
        <message>
            <source>Comments · {count}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No comments yet</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Composer</name>
        <message>
            <source>Add files</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Drop files here, up to 50 MB each</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Message to {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Reading the file</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send (waits)</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write something, or add a file.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write to {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ConflictPage</name>
        <message>
            <source>All mine</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>All theirs</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Apply</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Apply (waits to send)</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Apply and send</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Before both changes</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Both sides agreed on this</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Conflict</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Decide every field first; {count} to go.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Decide later</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit the value</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Field above</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Field below</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mend the marked values first.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No conflict is waiting for you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open the sync centre</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Take mine</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Take the base</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Take theirs</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The other field agrees on both sides and is left alone.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The other {count} fields agree on both sides and are left alone.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>When you and the vendor change the same field, you decide here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You, {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>compared with the vendor’s record as it is here</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>compared with the vendor’s record as of {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{done} of {all} decided. If the record changes again before this arrives, you are asked again.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ConflictTable</name>
        <message>
            <source>Base</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Fields that differ</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mine</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Only fields that differ are shown</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ConversationHead</name>
        <message>
            <source>Not sent yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>on {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>raised by {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>you</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ConversationPane</name>
        <message>
            <source>Cancel message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Cancel this message?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choose a request to read it here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard this message?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go on writing</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is saved on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Message cancelled</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The text and the copies of its files are removed from this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This request is no longer shared with you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you wrote and had not sent is kept in the sync centre.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you wrote is deleted from this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>not pulled</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>queued</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{title}” is not submitted yet.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DateControl</name>
        <message>
            <source>Day month year</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not a date. Write it as {sample}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open the calendar</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DaySection</name>
        <message>
            <source>Last 24 hours</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>no proof yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>proven in 1 hour</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>proven in {count} hours</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DayStrip</name>
        <message>
            <source>Now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{good} of {all} proofs on time</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DecisionRow</name>
        <message>
            <source>Base: {value}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit the value of {field}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edited by you</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>starts from both texts</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>starts from yours</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{field}, edited by you</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{field}, mine: {value}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{field}, theirs: {value}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Detail</name>
        <message>
            <source>Ask {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Compare</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Export</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mend it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not handed in yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved on this computer: {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You can: {commands}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} sent this back</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{command}” no longer fits: this {what} is {state} now.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DetailHead</name>
        <message>
            <source>Back to the list</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Continue</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Copy number</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Draft</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>More</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not sent yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DetailPane</name>
        <message>
            <source>Choose one to read it here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit discarded</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing can be edited now. What you typed is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Once {vendor} has it, this cannot be taken back here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This file opens once it is in the outbox.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is no longer shared with you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This no longer fits: the {what} is {state} now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you had not sent is kept in the sync centre.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{number} copied</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{verb} “{title}”?</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DeviceRow</name>
        <message>
            <source>Erase</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This one</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DevicesSection</name>
        <message>
            <source>Asking {vendor}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Erase it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Erase {name}?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>For a device that is lost or stolen. When it next comes online, everything of this account on it is destroyed, and so is what was entered there and has not reached {vendor}. This cannot be undone.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Its session ends at once. What it holds stays on it, encrypted, until you sign in there again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Its session is over already. What it holds is erased when it next comes online.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Leave it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>One moment: the gateway is asked.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out and erase</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out {name}?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed in {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline. {vendor} keeps this list; it can be changed when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your devices</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>and erase what it holds</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{name} is erased as soon as it comes online</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{name} is signed out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{since} · last seen {when}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DiffText</name>
        <message>
            <source>added: {words}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>removed: {words}.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DocumentsPage</name>
        <message>
            <source>Back to the list</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep offline, or let go</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No document has “{text}” in its title or text</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing here now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Press P on a document to keep it on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Read the document</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search in the document</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search titles and the text inside</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Show all</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The text inside is searched once a document is on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} waiting</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DraftFiles</name>
        <message>
            <source>pages</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>DropArea</name>
        <message>
            <source>Drop files, or</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Drop files, or browse</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>browse</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>EditPane</name>
        <message>
            <source>Edit {title}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Follow-up</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you typed no longer fits, since it is locked now. {values}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} has {value} here now.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Entrance</name>
        <message>
            <source>Back</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choose a passphrase</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choose an account</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Counterpart opens the vendor’s sign-in page in your browser. Write the address the vendor gave you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Erasing</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything that was not sent was brought over.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go on</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go on in your browser</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is set aside, what was not sent is brought over, and the vendor’s records are read afresh.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Look again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>One moment.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Opening</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Opening {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Salvage and go on</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Salvaging what was not sent</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Setting the old store aside</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Start afresh</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Start without the key?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key is missing</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key of this account is not in your key store any more, so what is kept here cannot be opened. It stays where it is. Restore the key, or start afresh: the vendor’s records come again, what was not sent does not.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The store on this computer is damaged</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The two are not the same.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The vendor’s sign-in page is open there. Counterpart goes on by itself when you are done.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This account is not on this computer any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This computer has no secure key store. </source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Unlock {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Use a passphrase instead</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Welcome</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What could be read was brought over.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What is kept on this computer is encrypted. Your passphrase opens it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What is on this computer and was not sent is set aside. It stays encrypted and can be opened again should the key come back. The vendor’s records come again by themselves.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your store was salvaged</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} It was {kept} changes and drafts. The vendor’s records are read afresh.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{why}What is kept here is encrypted with a passphrase that only you know. Nobody can recover it; without it, what was not sent yet is lost.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>EventList</name>
        <message>
            <source>What happened</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>EventRow</name>
        <message>
            <source>Receipt {name}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Export</name>
        <message>
            <source>Export</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Field</name>
        <message>
            <source>Error</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>optional</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{used} of {limit}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>FileRow</name>
        <message>
            <source>Remove {name}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>FileViewer</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choose a document to read it here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Files of this kind open in another program. Save a copy and open it from there.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It comes as soon as what is before it has come.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It comes when you are back. You may close the app meanwhile.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It could not be fetched.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Its copy was deleted from this computer. {vendor} can tell you why.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No preview</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not on this computer yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Only the beginning is shown; a saved copy has it all.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Opening “{title}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pull</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pull again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pulling “{title}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Queue the pull</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The pull stopped</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This document is no longer shared with you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Waiting to be pulled</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{size}. Once pulled it opens without a network.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{size}. You are offline; it is pulled when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>FirstSyncPage</name>
        <message>
            <source>After this, Counterpart opens at once and works without a network. You can start now with what is ready.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Asking {vendor} what is yours</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Bringing your records to this computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>First sync</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go on</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>If you close the app or lose the network, it goes on from here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pause</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Paused. What has come is kept, and you can work with what is ready.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Records on this computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>They come in after the records.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Welcome, {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>a second</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>about</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>left</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>of {total} records</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{cause} What has come is kept; it goes on from here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{one} and {other}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{one}, {other} and more</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>FormPane</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Form</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Locked now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Forms</name>
        <message>
            <source>Choose a country</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>FreshnessChip</name>
        <message>
            <source>First sync · {share} %</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Live · as of {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Live · proven identical {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline · as of {time}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Gone</name>
        <message>
            <source>was {value}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>GoneAnswer</name>
        <message>
            <source>A new {noun} with your values opens as a draft. Nothing is sent until you submit it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard my change</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep as draft</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep it as a new draft</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Let it go</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The {noun} goes from this computer as well. The activity list keeps that it happened.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you entered</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Written {when}. It is kept here, encrypted, until you decide.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Handle</name>
        <message>
            <source>Divider between the panes</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>HeadView</name>
        <message>
            <source>Columns</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>HomePage</name>
        <message>
            <source>Home</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Marked as seen</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No {things} here yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search everything</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>InviteDialog</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Invite a colleague</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It decides what they see and may do. You can change it later.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Make the link</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Name</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>One moment: the gateway makes the link.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Role</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>They get a link that works once. With it they choose a password and work for {company}.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>KeepCard</name>
        <message>
            <source>Choose files</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents are kept offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep documents offline too?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep these</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Price lists, data sheets and agreements: {count} files, {size}. Others open when you are online.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} files, {size}. They come in after the records; each can be let go again.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>KeySheet</name>
        <message>
            <source>All keys</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Close</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>LicenceWindow</name>
        <message>
            <source>Close</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Licence of</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Licence text</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Licences</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>LinkDialog</name>
        <message>
            <source>A link for {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Copied</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Copy link</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Done</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Hand it to {name} alone: whoever opens it first gets in. It is shown only now and works once, until {until}. If it is lost, make a new one.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Link</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No mail program opened. Copy the link and send it in your own way.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open in mail program</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Shown only now.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Everywhere</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is not on this computer any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is not shared with you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} companies</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Mark</name>
        <message>
            <source>Conflict</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Quarantined</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Rejected</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sending</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Synced</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Waiting to send</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>MessageBubble</name>
        <message>
            <source>Cancel message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Copy text</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved here. Sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>MoneyControl</name>
        <message>
            <source>Not an amount. Write figures only, such as {sample}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{field}, currency</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>NavList</name>
        <message>
            <source>Places</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>NeedsSection</name>
        <message>
            <source>All jobs</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Fewer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needs you</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing needs you now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Questions, conflicts, offers and dates that need an answer stand here.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>NumberControl</name>
        <message>
            <source>Not a number. Write figures only, such as {sample}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a whole number.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>OutboxSection</name>
        <message>
            <source>Everything is sent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Export all</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing is in the outbox.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing waits to be sent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Outbox</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Retry now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you enter waits here until it has reached the vendor.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline. It is sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>PagesView</name>
        <message>
            <source>This page cannot be drawn.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{title}, page {page} of {count}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Palette</name>
        <message>
            <source>Do</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go to</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Records</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>appearance dark light sign out account devices</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>outbox conflicts proof storage activity</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>people invite role link remove administrator</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} in the outbox</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>PaletteOverlay</name>
        <message>
            <source>Command palette</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Do, go to, or find</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing found. Try fewer letters.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What was found</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>move</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>run</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>PassphraseStep</name>
        <message>
            <source>A few words are easier to remember than a few signs.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Back</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Passphrase</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The same again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Unlock</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Use this passphrase</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>PipelineSection</name>
        <message>
            <source> and </source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Closing this quarter</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open as table</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pipeline by stage</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>none</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} lose protection within 30 days</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} loses protection within 30 days</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Places</name>
        <message>
            <source>Colleagues</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Home</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Next</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ready</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Settings</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Preview</name>
        <message>
            <source>Edited</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mine</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What will be sent</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>PreviewCard</name>
        <message>
            <source>Not decided yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>becomes</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ProgressBar</name>
        <message>
            <source>Progress</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ProofRow</name>
        <message>
            <source>Bucket by bucket</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Shows or hides what was compared, bucket by bucket.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ProofSection</name>
        <message>
            <source>Buckets</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Identical, after a repair</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Kind</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Proof</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Records</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{kind}: not checked</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{kind}: {same} of {all} buckets identical</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Protection</name>
        <message>
            <source>Encrypted on this computer with a key held by {name} for your account.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Encrypted on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Encrypted on this computer; your passphrase opens the key.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ReaderPane</name>
        <message>
            <source>Back to the list</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Checked</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is kept once it has come</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It opens once it is on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep it on this computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Kept offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Kept offline once it has come</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Let it go when space is needed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No longer kept. The copy goes when space is needed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pulled when you are back</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This copy is the vendor’s file, byte for byte</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Will be kept</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>published {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>replaces {what}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>valid until {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>was valid until {day}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ReadingPane</name>
        <message>
            <source>About this record</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ReceiptPane</name>
        <message>
            <source>Accept this key</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Anybody can check the exported file, without an account: counterpart receipt verify FILE</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Back to the record</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Export</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Exported as {name} in {folder}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Fetching it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It can be exported once it is on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Its signature is checked as it comes in.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not taken</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Receipt</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Receipt {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed with another key</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The receipt is kept in Counterpart.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>RecordsPage</name>
        <message>
            <source>Close the form</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No {what} matches “{text}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing here now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save, or send the comment</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search {what}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search {what} and their notes</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Show all</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a comment</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ReferenceControl</name>
        <message>
            <source>Opens a list</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick one from the list, or leave it empty.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Records found</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Type to find one</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>RegisterPage</name>
        <message>
            <source>1 field to fill in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>1 field to fix</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>1 field to fix: {field}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Complete</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything you entered is here. Mend it and submit it again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Evidence</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Files</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Form</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>May clash with an existing registration</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open {number}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Review and submit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save draft and close</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved on this computer at {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Say what happened and what you need</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Submit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Submit (waits to send)</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>optional</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{n} fields to fill in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{n} fields to fix</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} sent this back</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>RenewalsSection</name>
        <message>
            <source>Open renewals</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Renewals due</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>RequestFacts</name>
        <message>
            <source>Files</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>People</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You answer by {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You were to answer by {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} answers by {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} was to answer by {when}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>RequestsPage</name>
        <message>
            <source>No request matches “{text}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing here now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Requests</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search requests and messages</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send the message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Show all</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This file opens once its message is in the outbox.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write an answer</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SaveCopy</name>
        <message>
            <source>Save a copy</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved as {name} in {folder}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SearchBox</name>
        <message>
            <source>Clear the search</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SearchStrip</name>
        <message>
            <source>Close the search</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Match before</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Next match</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing found</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search in this document</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{number} of {count}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Services</name>
        <message>
            <source> Possible now: {commands}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source> at {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source> · as of {as_of}</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>%n answers</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n changes</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n days</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n deals</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n documents</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n downloads running</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n drafts</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n fields</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n fields need mending.</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n files added</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n files of this account could not be deleted.</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n jobs</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n lines</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n need you</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n open deals</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n open {what}</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n pages</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n people</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n records</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n records fetched again.</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n sites</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n systems</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>, protected until {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>, receipt {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>, the text of {documents}</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>; %n records fetched again in vain</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>A change could not be sent: its record is no longer there.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Accept</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Add at least {count}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Add at least {min}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Add the file again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Added</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>All answered</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>An answer arrived that does not belong to this sign-in, so it was refused.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Another Counterpart is using this account's store.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Answer {vendor} on “{title}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Answers</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Applied</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Applied, written to {system}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Approved, protected to {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ask to extend</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ask your IT department; do not try another network to get around it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ask {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Back after {time} offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Back after {time} offline. {why}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Both sides changed this.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Bucket {index} still differs{again}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Bucket {index}: %n records differed and were fetched again.</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Captured</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Changed since {since}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Check that its folder is there and belongs to you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Check the disk and try again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choice list</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choices</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choose theirs, mine, or an edited value.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Choose yes or no.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Clashed with another change; not written</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Clashed: </source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Close it elsewhere, or copy it to another folder.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Close other programs that use them and remove this account again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Close the other one and try again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Compare</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Compare the new key’s fingerprint with the one the vendor names before you accept it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Complete “{words}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Confirm the renewal of {what}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Conflict</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Content</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Counterpart is still busy writing to this account's store.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Counterpart met a fault of its own, so nothing is exchanged now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Country</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Currency</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Date</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Date and time</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Decide %n fields on “{name}”</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Decide field by field.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Decide what becomes of your edit on “{name}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Decided: {label}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Delete</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Delete {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Details</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discarded</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Drop single files; folders are not taken in.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Edit it once it has arrived.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ended</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Ends in %n days</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Ends today</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Entered</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything has reached {vendor}. When you sign in again, the records come again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything you enter is saved here and sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything you entered is kept on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything you entered is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Expired</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Export</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Extend protection on “{words}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Fetched</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>File added</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Files</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Files up to 50 MB can be added.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Finish “{name}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>First sync{share}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Free some space; it goes on by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go on</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go online</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Good afternoon</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Good afternoon, {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Good evening</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Good evening, {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Good morning</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Good morning, {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Has passed. Pick {day} or later.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Hello {name},

this link gives you access to {vendor}’s partner portal, as {role}. It works once, until {until}:

{link}
</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Here</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Identical to the gateway at {when}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>If the key is in your key store, that may still be starting: try again in a moment. If a passphrase opened this account, restore its key file from a backup.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>If you did not expect this, ask your administrator.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>If you did not expect this, ask your administrator. To go on here, sign in.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Incident: a document was damaged on this computer and thrown away</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Incident: a document was damaged on this computer and thrown away; it is pulled again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Incident: a file that waits to be sent was damaged on this computer; attach it again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Incident: {what} differed from the gateway, {ending}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It can be pulled again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It can be pulled as soon as there is a network.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is fetched when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is looked at once more in some minutes, and believed then.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is on its way already</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is to be compared with what is there now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It is tried again by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It may still be starting. Try again in a moment.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It stays as it is.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It stays as you submitted it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It stays as you wrote it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It stays here as you wrote it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>It was set aside, and what was not sent yet has been salvaged from it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Its store is kept as it is, closed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep what you typed as a draft, or discard it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Kept</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Kept as a draft</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Last read at {since}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Link</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Links</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>List</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Live · proven identical {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Live · {not_reached} not reached</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Live{tail}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Locked meanwhile.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Locked while {state}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Locked.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Look</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Look at it once more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>May clash with an existing registration</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mend</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mend that and send it; this follows by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Merged with another change and written to {system}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Merged: {about}{receipt}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Message</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Message added</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Money</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Mutation</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed here. Fill this in to go on.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed. Choose what they may do.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed. Fill this in to go on.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed. Tell {vendor} what you need.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needed. Write the first and the last name, 200 characters at most.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needs attention. {cause}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needs attention{tail}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Needs you: {about}{receipt}. {who} changed the same.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>New record</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>New {what}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>New {what}: {title}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No receipt on this computer is</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not a list.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not a point in time.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not answers.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not asked for.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not compared to the end</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not everything is decided yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not on this computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not on this computer yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not read completely yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not sent: {what}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not submitted</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not taken: {about}{receipt}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not taken: {about}{receipt}. {reason}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not written</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing changed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing is lost.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing is lost: the key of this account is in it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing is sent until you apply; both versions are kept in the history.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing of it is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing of it is shown.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing of this account is kept on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing to renew</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing was changed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing was mixed up; what waits here is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing was removed yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing was sent a second time.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing was written.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing. It stays empty.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing. The vendor’s “{before}” stays.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Number</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline since {since}, as you chose. {kept}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline since {since}. {kept}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline, as you chose</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline. {cause}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Offline{tail}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Online again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open it while you are online.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open the address shown in a browser on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open the record and its receipt while you are online.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open this address in a browser on this computer: {address}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Outcome</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Phone number</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick a country.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick a currency.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick a record.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick another folder, on another disk.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick another folder.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick from the list.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick one of the listed values.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick records.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pick the file that has the content.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Proof: {same} of {total} buckets identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pull it again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Pull it first.</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Pulled %n changes in {seconds} s</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Pulled a document</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Quarantined</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Quoted</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Quotes to come</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Read %n records in {time}</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Receipts are signed with another key now: {key}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Received</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Refused: </source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Refused; not written</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Rejected</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Rejected: {reason}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Remove them</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Removed %n records that the gateway no longer shows</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Removed %n records that the gateway no longer shows, as you agreed</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Reply</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Restore the file from a backup, or sign in afresh.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Restore the key from a backup, or start afresh: the vendor's records come again by themselves.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Searches everything kept on this computer: {records}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send intent</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sending</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sent again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sent the file {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sent: {about}{receipt}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Set by {vendor}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Several receipts on this computer are</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in again and it is sent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in as {name}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in to the network; the rest goes on by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in{tail}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signature and path to the signed root were checked on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed by</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed out. {cause}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed, and nothing in it was changed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Some fields need mending.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Some files of this account could not be deleted.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Some of it is not destroyed yet: the key store is locked, or other programs use its files. Unlock the key store, close them, and start Counterpart again; it goes on by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Somebody else</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Something between this computer and the gateway answered instead of it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Something changed meanwhile, so nothing is claimed. It is checked again by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Something is missing or cannot be right.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Something is no longer shared with you. What you wrote is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Something other than the gateway answered, such as a network's sign-in page.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Something went wrong.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sorted by {column}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Start it again when you are ready.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Start the sign-in again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Synced</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Syncing{tail}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Take it back to edit.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Take or decline the lead from {title}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Taken back to your drafts</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Tell the vendor; the sync centre keeps the details.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Text</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>That is not the passphrase of this account.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The browser could not be opened.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The browser did not come back in time, so the sign-in was ended.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The bytes of every record last hashed at {since}: {found}. It is done each night.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The connection to the gateway was cut.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The connection was closed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The connection was cut.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The copy on this computer was damaged, so nothing was saved.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The download was cut off.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The draft is saved on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The entry in your key store is not a key.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The file is kept in Counterpart.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The file itself is kept as it is.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway answered with a record that is not one: {fault}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway answered with another record than the one that was changed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway answered with the receipt of something else.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway asked for a pause.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway cannot be reached.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway did not answer each change that was sent, so nothing of it was used.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway did not answer in time.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway did not let you sign in.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway did not say how much of the file it holds.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway has been told that it is done.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway has begun this upload anew.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway has not been told yet; that is done by itself when Counterpart starts and can reach it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway is busy.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway is told once it is done.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway keeps leading back to a page that was read already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway keeps leading back to a position that was read already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway named a reason for a record's end that does not exist.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway no longer knows this position.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway refused this.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway says for ever that there is more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway says it holds another part of the file than was sent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway sends far more records than it said there were.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway sent a record that it was not asked for.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway sent another part of the file than was asked for.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway sent far fewer records than it said, so nothing was removed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway sent more records in a page than it was asked for.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway sent more than this document has.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's address is not usable: {why}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's answer broke the rules of the exchange and was refused.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's answer contradicts itself and was not used.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's answer could not be unpacked and was not used.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's answer was incomplete and was not used.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's answer was larger than any that makes sense, and was refused.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's certificate is not trusted, so nothing was sent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's event channel answered with something else.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's event channel sent far too much and was closed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's history has changed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's page said neither where it goes on nor that it ends.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's snapshot has no end.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's sums were not for 16 buckets, so nothing was compared.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The gateway's sums were not numbers, so nothing was compared.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key and everything of this account on this computer are deleted.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key file of this account cannot be read.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key of this account cannot be reached.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key of this account is not on this computer any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The key, the records, the documents and what was not sent yet are destroyed and cannot be brought back. Other accounts on this computer were not touched.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The portal's manifest could not be read, so the one before stays.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The portal's manifest is not here yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The proxy of this network did not let the connection through.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The record was gone; not written</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The records are read afresh by itself.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The records are read afresh from the gateway.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The sign-in was not finished.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The store is untouched, but it stays closed without its key.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The store is untouched.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The store on this computer cannot be opened for writing.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The store on this computer is damaged.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The stored bytes of every record are hashed once a night.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The vendor</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The vendor's portal has not reached this computer yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The vendor's portal is newer than this version of Counterpart.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Their key is destroyed, so nobody can read them.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>There is nothing to send yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This account was last opened with a newer version of Counterpart.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This build cannot encrypt, so the store was not opened.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This cannot be deleted now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This computer's disk did not answer as it should.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This conflict is decided already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This copy is not the vendor's file any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This device was told to erase what it holds.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This document has been closed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This document is not shared with you any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This draft is not on this computer any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This field is not known.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This file cannot be shown: it is damaged or needs a password.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This file is not on this computer yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This has changed since you read it. Read it again, then decide.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is larger than the gateway accepts.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is no longer to be seen</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is no longer to be seen.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is not in the outbox any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is not on this computer any more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is not shared with you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is not something you can do here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is submitted already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This key does not open the store.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This message is on its way already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This needs you.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This network asks you to sign in to it first.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This receipt does not hold</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This receipt does not hold: its signature is wrong.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This receipt does not hold: what it says is not what was signed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This receipt is not on this computer yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This record is back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This record is gone.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This {what} is no longer shared with you. Your text is kept here, encrypted.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This {what} is on its way already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>To go on here, sign in again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Today</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Today {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Too early. Pick {day} or later.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Too far. Pick {day} or earlier.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Too high. At most {most}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Too large a number.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Too late: </source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Too long by %n characters; at most {most}.</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Too low. At least {least}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Too short. Choose at least {count} characters; a few words do well.</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>Too short. Write %n more characters.</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>Try again in a moment.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again in {duration}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again, or ask the vendor whether your account is set up.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Try now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Unlock it to go on.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Unlock it with the passphrase of this account.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Update Counterpart to go on.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Waiting to send</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Waits to send</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Was due {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Website</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Weekend</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What arrived was not this document, so it was thrown away.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What became of it stands in the history.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What differs is fetched now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What has arrived is kept, and it goes on from here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What is no longer shared with you is deleted; its last traces leave the encrypted file once the disk has room</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What is on this computer is kept as it is, closed.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What is on this computer stays readable, and what you entered is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What is stored here is not what was signed. Do not rely on it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What this belongs to has not been taken yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What was not sent yet is salvaged before it is replaced.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What was saved before is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What was submitted is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What was written as “{name}” came back damaged, so it was removed again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you enter is kept here and sent when it is back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you saved elsewhere stays.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you typed is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Whether it was done shows once the list has been read again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Why offline?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Why?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Within {days} days</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a date, such as 24 Nov 2026.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a message, or add a file.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a phone number, such as +44 20 7946 0000.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a website, such as company.example or https://company.example.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write a whole number.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write an amount with at most two decimals.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write an amount, such as 22480.00.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write an e-mail address, such as name@company.example.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write one whole address, such as name@company.example.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Write text here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Written</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Yes</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Yes or no</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Yesterday</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You and the vendor both changed this. Decide the conflict first.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You and {vendor} changed {what}. {kept}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You can give that order from another device, and so can an administrator.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You changed {what} on another device as well. {kept}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You signed in as {other}, but this account is {name}’s.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your access to {vendor}’s partner portal</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your account is being erased from this computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your account was erased from this computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your colleague {owner}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your edit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your key store cannot be reached.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your key store is locked.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your role does not add {what}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your session has ended.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Your version is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>a change</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>a key that is not known here</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>action required</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>after its %n files</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>as of {since}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>as of {since} today</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>by hashing the stored bytes</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>by the stored hashes</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>checked {when} in {seconds} s</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>conflict</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>ends in %n days</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>ends today</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>fetched again; both sides are compared again soon</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>known here since {day}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>never read completely</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>not all identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>not repaired: {what} still differ</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>offer ends in %n days</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>offer ends today</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>repaired</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>stored bytes hashed afresh</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>stored hashes compared</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>the key store of your desktop</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>the macOS keychain</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>the same %n fields</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>the same field</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>the same fields</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>the same website</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>the same website and product family</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>this computer’s clock</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>this computer’s clock, which ran ahead</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>waiting on you</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>was {old}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{documents} · {kept} kept offline, {size}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{hours} h {minutes} m</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{jobs} · {due} due today</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{labels} changed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} changed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} deleted</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} is set by the vendor.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} last read at {since}{stale}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} last read at {time}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} submitted</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{label} · not submitted · saved {moment}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{least} to {most}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{minutes} m</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{part} of {whole} {unit}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{prefix}{what} by you</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{quoted} Your value is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{records} in {buckets} buckets of {sizes}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{same} of {total} buckets identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{size}, compared {how} at {exact}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{text}, receipt {receipt}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{time} over</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{title} is out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{title} · quoted {amount}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} changed it back: your edit fits again. {kept}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} changed this again while you decided.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor} deleted this while you edited it</source>
            <translation type="unfinished"></translation>
        </message>
        <message numerus="yes">
            <source>{vendor} locked %n fields that you changed. {kept}</source>
            <translation type="unfinished">
                <numerusform></numerusform>
                <numerusform></numerusform>
            </translation>
        </message>
        <message>
            <source>{vendor} returned “{what}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s CRM</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s CRM: “{said}”</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s CRM: “{said}” Your draft is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s gateway keeps it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s gateway keeps it; it is fetched and checked when you are online.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s gateway’s clock</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}’s version stays</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{waiting} not answered</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} by you</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} by {who}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} has not reached {vendor} and would be lost for good.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} have not reached {vendor} and would be lost for good.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} on {name}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what} on {place}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what}. What you typed is kept here until you decide.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{what}: {stage}, received from {vendor}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{who} answered</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{who} changed {same}{when}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{who} deleted this while you edited it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{who} ordered it, and it was done on {day}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{who} ordered it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{who} registered {what}{protected}. You can still submit; {vendor} decides when it arrives.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{why} called {wanted}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{command}” no longer fits: this {what} is {state} now.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” cannot be read.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” could not be saved there.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” is empty.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” is more than 50 MB.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” is no longer on this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” is not a file.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>“{name}” is {size}.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SettingsPage</name>
        <message>
            <source>About</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Account</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>As the system</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Clear space</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Colours</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Company</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Counterpart {version}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Dark</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Dates, amounts and figures follow it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Device</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents take what they need</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents take {size} at most</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ended; sign in again from the banner</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Ends the session and deletes everything of this account from this computer.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Every current price list, data sheet and agreement is kept.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Everything has reached {vendor}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Exported as {name} in {folder}. The file is not encrypted.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Followed at once.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Gateway</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep these</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Language</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Licences</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Light</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Light, dark, or as the system is set.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Limit for documents</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Name</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No document takes room here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No limit</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No price list, data sheet or agreement is shared with you yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not sent yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing to clear: every copy here is kept or unsent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Open the sync centre</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Price lists, data sheets and agreements: {count} files, {size}.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Protection</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Qt for Python under the LGPL, the Inter typeface, Tabler icons and others.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Role</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Session</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Settings</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Signed in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Storage</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The least recently used go first; what is kept or unsent stays.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>There is nothing to keep yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>They are kept already.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>They are pulled now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>They are pulled when you are back</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This computer</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Vendor</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{size} freed. What is kept or unsent stays.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{used} in all: documents {documents}, records {records}, unsent {unsent}. {free} free on disk.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{used} of {limit} used.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{used} used, over {limit}: what is kept alone takes more.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{words}; {size} freed</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SidePane</name>
        <message>
            <source>About this request</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Answer due</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Time that has passed</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SignOutDialog</name>
        <message>
            <source>Export what is not sent</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign out and remove this account from this computer?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Stay signed in</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>StageBar</name>
        <message>
            <source>Nothing to show</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Standing</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sign in in the browser that has opened. Everything you entered is kept here.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>StepList</name>
        <message>
            <source>Steps</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>StepRow</name>
        <message>
            <source>Step {number}: {title}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Stepper</name>
        <message>
            <source>All {count} stages passed</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Stage {number} of {count}: {stage}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>StorageBar</name>
        <message>
            <source>Storage</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>StorageSection</name>
        <message>
            <source>Change</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Change how much documents may take</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Change the limit for documents</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Clear space</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Clearing never touches what is kept or unsent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Documents: {limit} at most</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Free</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No document takes room here.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>No limit for documents</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Records</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Storage</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Unsent</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{size}, encrypted</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SyncCentrePage</name>
        <message>
            <source>A proof is under way.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Comparing with the gateway</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Discard “{what}”?</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Draft discarded</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Every stored record is hashed afresh and compared bucket by bucket.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Exported as {name} in {folder}. The file is not encrypted.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Not compared yet</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing has changed since. Prove now compares again.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing to clear: every copy here is kept or unsent.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Prove now</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Prove now hashes what is stored here and compares it with the gateway.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Proven identical at {time}</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sending what waits</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>The first sync is still under way.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>What you entered is deleted from this computer. Export it first if you want to keep it.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You are offline. Both sides can be compared when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>under way</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{size} freed. What is kept or unsent stays.</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>SystemsSection</name>
        <message>
            <source>all reached</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{count} not reached</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>{vendor}'s systems</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>TableDelegate</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Thread</name>
        <message>
            <source>Messages</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Nothing has been written yet.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved here. It is sent in a moment.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Saved here. Sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Show {count} earlier messages</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>You went offline at {time}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Toast</name>
        <message>
            <source>Undo</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>ToolStrip</name>
        <message>
            <source>Fit to the width again</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Fit width</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Next page</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Page</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Page before</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search in this document</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is the first page.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>This is the last page.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Zoom in</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Zoom out</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>of {count}</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>TopBar</name>
        <message>
            <source>then</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>Veil</name>
        <message>
            <source>Covered window</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
    <context>
        <name>WindowCommands</name>
        <message>
            <source>All keys</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Check both sides</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Do, go to, or find anything</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Go online</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Home</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Next pane</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Recheck that both sides are identical</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Retry what waits to send</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Search this page</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Send what waits</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sending what waits</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Show all keys</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Still offline. It is sent when you are back.</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Undo the last change</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>new create</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>offline online network</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>shortcuts help</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>sync send now outbox</source>
            <translation type="unfinished"></translation>
        </message>
        <message>
            <source>verify proof prove</source>
            <translation type="unfinished"></translation>
        </message>
    </context>
</TS>
