"""Municipality, units, users with roles, employees and who leads whom."""

from __future__ import annotations

import peewee as pw

from models.base import BaseModel, Sealed, UtcDateTimeField, fold, sort_key

ROLES = ("administrator", "hr", "leader", "employee", "auditor")


class Municipality(BaseModel):
    """The tenant."""

    name = pw.CharField(max_length=120)
    slug = pw.CharField(max_length=40, unique=True)
    org_number = pw.CharField(max_length=9)
    language = pw.CharField(max_length=2, default="nb")
    brand_color = pw.CharField(max_length=7, default="#0b5c63")
    logo = pw.BlobField(null=True)
    # Not plan_set: that is the name of the back reference from Plan, which would take its place.
    standard_set = pw.CharField(max_length=60, default="nordre-land-iop")

    class Meta:
        table_name = "municipality"

    def __str__(self) -> str:
        return self.name


class TenantModel(BaseModel):
    """A row of one municipality."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")


class Unit(TenantModel):
    parent = pw.ForeignKeyField("self", null=True, on_delete="RESTRICT", backref="children")
    name = pw.CharField(max_length=120)
    phone = pw.CharField(max_length=40, default="")
    active = pw.BooleanField(default=True)

    class Meta:
        table_name = "unit"
        indexes = ((("municipality", "name"), False),)

    def __str__(self) -> str:
        return self.name


class Employee(Sealed):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    unit = pw.ForeignKeyField(Unit, on_delete="RESTRICT")
    name = pw.CharField(max_length=120)
    name_fold = pw.CharField(max_length=240, default="", index=True)
    name_sort = pw.CharField(max_length=240, default="", index=True)
    national_id = pw.BlobField(null=True)
    national_id_index = pw.CharField(max_length=64, null=True)
    birth_hint = pw.CharField(max_length=6, default="")
    resource_number = pw.CharField(max_length=20, default="")
    address = pw.CharField(max_length=160, default="")
    postal = pw.CharField(max_length=80, default="")
    phone_private = pw.CharField(max_length=40, default="")
    phone_work = pw.CharField(max_length=40, default="")
    position = pw.CharField(max_length=120, default="")
    position_percent = pw.IntegerField(default=100, constraints=[pw.Check("position_percent BETWEEN 1 AND 100")])
    nav_office = pw.CharField(max_length=120, default="")
    certifier = pw.CharField(max_length=120, default="")
    occupational_health = pw.BooleanField(default=False)
    language = pw.CharField(max_length=2, default="nb")
    active = pw.BooleanField(default=True)

    class Meta:
        table_name = "employee"
        indexes = ((("municipality", "national_id_index"), True), (("municipality", "unit"), False))

    def save(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.name_fold, self.name_sort = fold(self.name), sort_key(self.name)
        return super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.name


class User(TenantModel):
    username = pw.CharField(max_length=60, unique=True)
    name = pw.CharField(max_length=120)
    email = pw.CharField(max_length=160, default="")
    password_hash = pw.CharField(max_length=200)
    language = pw.CharField(max_length=2, default="nb")
    active = pw.BooleanField(default=True)
    employee = pw.ForeignKeyField(Employee, null=True, on_delete="RESTRICT", backref="users")
    page_size = pw.IntegerField(default=20)
    reminders = pw.BooleanField(default=True, constraints=[pw.Default("TRUE")])  # wants them by e-mail

    class Meta:
        table_name = "app_user"

    def __str__(self) -> str:
        return self.name


class UserRole(TenantModel):
    user = pw.ForeignKeyField(User, on_delete="RESTRICT", backref="role_rows")
    role = pw.CharField(max_length=20, constraints=[pw.Check("role IN " + str(ROLES))])
    unit = pw.ForeignKeyField(Unit, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "user_role"
        indexes = ((("user", "role", "unit"), True),)


class LeaderRelation(TenantModel):
    """From when to when a user is somebody's nearest leader. Both days count; no end means still."""

    leader = pw.ForeignKeyField(User, on_delete="RESTRICT", backref="leads")
    employee = pw.ForeignKeyField(Employee, on_delete="RESTRICT", backref="leaders")
    from_date = pw.DateField()
    to_date = pw.DateField(null=True)

    class Meta:
        table_name = "leader_relation"
        indexes = ((("leader", "employee"), False), (("employee", "from_date"), False))


class LoginSession(TenantModel):
    """A login as the server knows it; the cookie holds only the token that hashes to `token_hash`."""

    user = pw.ForeignKeyField(User, on_delete="RESTRICT", backref="sessions")
    token_hash = pw.CharField(max_length=64, unique=True)
    last_seen_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)
    closed_because = pw.CharField(max_length=20, default="")
    agent = pw.CharField(max_length=200, default="")

    class Meta:
        table_name = "login_session"


class LoginAttempt(BaseModel):
    """One try at logging in, by keyed hashes only; has no tenant since the user may not exist."""

    user_hash = pw.CharField(max_length=64)
    address_hash = pw.CharField(max_length=64)
    succeeded = pw.BooleanField(default=False)

    class Meta:
        table_name = "login_attempt"
        indexes = ((("user_hash", "created_at"), False), (("address_hash", "created_at"), False))


class ParkedForm(Sealed):
    """A form whose sender had just been logged out; given back once, to the same user, at the same page."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    path = pw.CharField(max_length=200)
    fields = pw.BlobField(null=True)

    class Meta:
        table_name = "parked_form"
        indexes = ((("user", "path"), False),)
