"""What the objects of the stand-in are made of: what the connector uses of the standard, and the fields an admin adds.

One line a field: name, type, then what else is said of it: a length, `required`, `unique`, `>Object` for what it leads
to, `=a|b` for a picklist that is restricted to these, `~a|b` for one that is not, `readonly`, `rollup`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SYSTEM = """
Id id readonly
IsDeleted boolean readonly
CreatedDate datetime readonly
CreatedById reference >User readonly
LastModifiedDate datetime readonly
LastModifiedById reference >User readonly
SystemModstamp datetime readonly
"""

_SALES = "Draft|Submitted|In Review|Information Needed|Approval|Protected|Extension Asked|Ordered by Partner"
_ENDED = "Refused|Duplicate|Lapsed|Cancelled|Withdrawn"
_INDUSTRIES = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|Electronics"
    "|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|Hospitality"
    "|Insurance|Machinery|Manufacturing|Media|Not For Profit|Recreation|Retail|Shipping|Technology"
    "|Telecommunications|Transportation|Utilities|Other"
)
_OFFERS = "Offered|Accepted|Working|Declined|Offer Ended|Lost"

STANDARD = {
    "User": ("005", "Name string 121 required\nEmail email 128"),
    "Account": (
        "001",
        """
        Name string 255 required
        AccountNumber string 40
        ParentId reference >Account
        MasterRecordId reference >Account readonly
        BillingCountryCode picklist
        BillingCity string 40
        """,
    ),
    "Contact": (
        "003",
        """
        Name string 121 readonly
        FirstName string 40
        LastName string 80 required
        AccountId reference >Account
        MasterRecordId reference >Contact readonly
        Email email 80
        """,
    ),
    "Lead": (
        "00Q",
        f"""
        Name string 121 readonly
        FirstName string 40
        LastName string 80 required
        Company string 255 required
        Website url 255
        CountryCode picklist
        Street textarea 255
        PostalCode string 20
        City string 40
        Email email 80
        Phone phone 40
        Industry picklist ~{_INDUSTRIES}
        Description textarea 32000
        Status picklist required =Open - Not Contacted|{_SALES}|{_ENDED}|{_OFFERS}|Closed - Converted
        IsConverted boolean readonly
        ConvertedOpportunityId reference readonly
        MasterRecordId reference >Lead readonly
        OwnerId reference >User
        """,
    ),
    "Case": (
        "500",
        """
        CaseNumber string 30 readonly
        AccountId reference >Account
        ContactId reference >Contact
        OwnerId reference >User
        MasterRecordId reference >Case readonly
        Subject string 255
        Priority picklist =Low|Medium|High|Urgent
        Type picklist ~Question|Quote|Technical Support|Logistics|Billing|Marketing|Training
        Status picklist =New|Working|Waiting on Partner|Waiting on Us|Resolved|Closed
        """,
    ),
    "CaseComment": (
        "00a",
        """
        ParentId reference >Case required
        CommentBody textarea 4000
        IsPublished boolean
        """,
    ),
    "ContentVersion": (
        "068",
        """
        ContentDocumentId reference >ContentDocument readonly
        FirstPublishLocationId reference
        IsLatest boolean readonly
        Title string 255 required
        Description textarea 1000
        PathOnClient string 500
        FileExtension string 40 readonly
        FileType string 20 readonly
        ContentSize int readonly
        Checksum string 50 readonly
        VersionNumber string 20 readonly
        """,
    ),
    "ContentDocument": (
        "069",
        "Title string 255 required\nLatestPublishedVersionId reference >ContentVersion",
    ),
    "ContentDocumentLink": (
        "06A",
        """
        ContentDocumentId reference >ContentDocument required
        LinkedEntityId reference required
        ShareType picklist =V|C|I
        Visibility picklist =AllUsers|InternalUsers|SharedUsers
        """,
    ),
    "Product2": ("01t", "Name string 255 required\nProductCode string 255"),
    "Order": (
        "801",
        """
        OrderNumber string 30 readonly
        AccountId reference >Account
        PoNumber string 80
        TotalAmount currency rollup readonly
        EffectiveDate date
        Status picklist =Draft|Activated|Shipped|Invoiced|Paid|Cancelled
        """,
    ),
    "OrderItem": (
        "802",
        """
        OrderId reference >Order required
        Product2Id reference >Product2
        Quantity double
        TotalPrice currency
        """,
    ),
    "Contract": (
        "800",
        """
        ContractNumber string 30 readonly
        AccountId reference >Account
        EndDate date
        Status picklist ~Draft|Quoted|Intent Received|Activated|Lapsed
        """,
    ),
    "Task": (
        "00T",
        """
        AccountId reference >Account
        WhatId reference
        Subject string 255
        Description textarea 32000
        ActivityDate date
        Status picklist ~Not Started|In Progress|Completed|Waiting on someone else|Deferred
        """,
    ),
    "PermissionSet": ("0PS", "Name string 80 required\nLabel string 80"),
    "FieldPermissions": (
        "01k",
        """
        ParentId reference >PermissionSet required
        SobjectType string 80 required
        Field string 255 required
        PermissionsRead boolean
        PermissionsEdit boolean
        """,
    ),
}

#: What an admin adds; it takes field-level security to see it.
CUSTOM = {
    "Account": """
        Counterpart_Partner__c boolean
        Counterpart_Tier__c picklist =Gold|Silver|Registered
        Counterpart_Stage__c picklist =Onboarding|Active|Suspended|Ended
        """,
    "Contact": "",
    "Lead": """
        Counterpart_Ref__c string 36 unique
        Counterpart_Marks__c textarea 4000
        Counterpart_Kind__c picklist =Deal registration|Offered lead
        Counterpart_Number__c string 30
        Counterpart_Company__c reference >Account
        Counterpart_Contact__c reference >Contact
        Counterpart_Title__c string 120
        Counterpart_Type__c picklist =New|Expansion|Renewal
        Counterpart_Amount__c currency
        Counterpart_Currency__c picklist =GBP|EUR|USD
        Counterpart_Products__c multipicklist =Edge 220|Edge 440|Vault|Insight Pro|Insight Team|Care
        Counterpart_Target_Close__c date
        Counterpart_Competitor__c string 120
        Counterpart_Help__c picklist =None|Presales|Demo|Pricing
        Counterpart_Sales_Stage__c picklist =Prospect|Qualified|Technical|Business|Committed|Launched
        Counterpart_Decision_Date__c date
        Counterpart_Next_Steps__c textarea 4000
        Counterpart_Reviewer__c string 120
        Counterpart_Review_Comment__c textarea 4000
        Counterpart_Reason__c string 255
        Counterpart_Protected_From__c date
        Counterpart_Protected_Until__c date
        Counterpart_Duplicate_Of__c string 80
        Counterpart_Extension_Until__c date
        Counterpart_Extension_Note__c textarea 4000
        Counterpart_PO__c string 60
        Counterpart_Need__c textarea 4000
        Counterpart_Sites__c double
        Counterpart_Offered_To__c string 120
        Counterpart_Expires__c date
        Counterpart_Decline_Reason__c picklist =Problem Unclear|Next Steps Unclear|Unable|Duplicate|Other
        Counterpart_Note__c textarea 4000
        """,
    "Case": """
        Counterpart_Ref__c string 36 unique
        Counterpart_Marks__c textarea 4000
        Counterpart_Shared__c boolean
        Counterpart_Deal__c reference >Lead
        Counterpart_Customer__c string 120
        Counterpart_Due__c datetime
        Counterpart_Last_Message__c datetime
        """,
    "Counterpart_Message__c": """
        Name string 80 readonly
        Counterpart_Ref__c string 36 unique
        Counterpart_On__c picklist =Lead|Case
        Counterpart_Lead__c reference >Lead
        Counterpart_Case__c reference >Case
        Counterpart_Body__c textarea 32768
        Counterpart_Public__c boolean
        Counterpart_Contact__c reference >Contact
        Counterpart_Author__c string 120
        Counterpart_Side__c picklist =Partner|Vendor
        """,
    "ContentVersion": """
        Counterpart_Ref__c string 36 unique
        Counterpart_Shared__c boolean
        Counterpart_Library__c boolean
        Counterpart_Message__c reference >Counterpart_Message__c
        Counterpart_Contact__c reference >Contact
        Counterpart_Code__c string 40
        Counterpart_Category__c picklist =Prices|Data Sheet|Legal|Guide|Sales|Training
        Counterpart_Valid_From__c date
        Counterpart_Valid_Until__c date
        Counterpart_Supersedes__c string 80
        Counterpart_Status__c picklist =Current|Superseded|Expired|Revoked
        Counterpart_Audience__c multipicklist =All|Gold|Silver|Registered
        Counterpart_Stages__c multipicklist =Onboarding|Active|Suspended|Ended
        """,
    "Order": """
        Counterpart_Marks__c textarea 4000
        Counterpart_Customer__c string 120
        Counterpart_Currency__c picklist =GBP|EUR|USD
        Counterpart_Expected__c date
        Counterpart_Carrier__c string 80
        Counterpart_Tracking__c string 80
        """,
    "OrderItem": "Counterpart_Shipped__c double",
    "Contract": """
        Counterpart_Marks__c textarea 4000
        Counterpart_Customer__c string 120
        Counterpart_Product__c string 255
        Counterpart_Quantity__c double
        Counterpart_Amount__c currency
        Counterpart_Currency__c picklist =GBP|EUR|USD
        Counterpart_Intent__c picklist =Renew|Change|Lapse
        Counterpart_Wanted__c double
        Counterpart_Note__c textarea 4000
        """,
    "Counterpart_Invoice__c": """
        Name string 80
        Counterpart_Company__c reference >Account
        Counterpart_Order__c reference >Order
        Counterpart_Customer__c string 120
        Counterpart_Total__c currency
        Counterpart_Balance__c currency
        Counterpart_Currency__c picklist =GBP|EUR|USD
        Counterpart_Issued__c date
        Counterpart_Due__c date
        Counterpart_Status__c picklist =Open|Overdue|Paid|Cancelled
        """,
    "Task": """
        Counterpart_Marks__c textarea 4000
        Counterpart_Shared__c boolean
        """,
}

_OWN_PREFIXES = {"Counterpart_Message__c": "a01", "Counterpart_Invoice__c": "a02"}

#: Child relationships by parent: name, child object, field of the child.
CHILDREN = {"Order": {"OrderItems": ("OrderItem", "OrderId")}}


@dataclass
class Field:
    """One field. `visible`: whether field-level security lets the connected app's user see it."""

    name: str
    type: str
    length: int = 0
    required: bool = False
    unique: bool = False
    readonly: bool = False
    target: str = ""
    choices: list[str] = field(default_factory=list)
    restricted: bool = False
    visible: bool = True

    @property
    def relationship(self) -> str:
        """The name under which a query reaches through a reference; empty where it is none."""
        if self.type != "reference":
            return ""
        return f"{self.name[:-3]}__r" if self.name.endswith("__c") else self.name.removesuffix("Id")


@dataclass
class Object:
    """One object and its fields."""

    name: str
    prefix: str
    fields: dict[str, Field]


def field_of(line: str) -> Field:
    """Read one line."""
    head, _, listed = line.partition(" =") if " =" in line else line.partition(" ~")
    name, kind, *rest = head.split()
    found = Field(name, kind, choices=listed.split("|") if listed else [], restricted=" =" in line)
    for word in rest:
        if word.isdecimal():
            found.length = int(word)
        elif word.startswith(">"):
            found.target = word[1:]
        elif word in ("required", "unique", "readonly"):
            setattr(found, word, True)
    return found


def objects(*, custom: bool = True) -> dict[str, Object]:
    """Return the objects of an org. `custom`: with what an admin has added."""
    made = {**STANDARD, **{name: (prefix, "") for name, prefix in _OWN_PREFIXES.items() if custom}}
    found = {}
    for name, (prefix, lines) in made.items():
        text = SYSTEM + lines + ("\n" + CUSTOM.get(name, "") if custom else "")
        listed = [field_of(line.strip()) for line in text.splitlines() if line.strip()]
        found[name] = Object(name, prefix, {one.name: one for one in listed})
    return found
