import pytest
from pathlib import Path
from services import database, demo
from models import Case, Employee
@pytest.mark.both_databases
def test_x(db, monkeypatch):
    monkeypatch.setattr(database,"MIGRATIONS",Path("/tmp/mig"))
    demo.seed(); demo.reset(allowed=True); assert Employee.select().count()==40
