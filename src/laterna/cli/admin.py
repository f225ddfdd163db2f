"""`laterna admin`: who may film, from the machine that the database is on.

It works on the database itself, with the server running or not; what it changes holds from the next
request on. Secrets it makes are printed once, alone on their line, for scripts to take.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from laterna.cli.console import note
from laterna.errors import InputError
from laterna.server.accounts import audit, keys, people, quotas, stages
from laterna.server.settings import Settings
from laterna.server.store import Store
from laterna.server.tables import Base, Invite, Key, Owner, Waiting

app = typer.Typer(add_completion=False, no_args_is_help=True)
owners_app = typer.Typer(no_args_is_help=True)
keys_app = typer.Typer(no_args_is_help=True)
invites_app = typer.Typer(no_args_is_help=True)
waiting_app = typer.Typer(no_args_is_help=True)
app.add_typer(owners_app, name="owners", help="Who films here.")
app.add_typer(keys_app, name="keys", help="Their keys.")
app.add_typer(invites_app, name="invites", help="Codes that let people in.")
app.add_typer(waiting_app, name="waiting", help="Who would like to come in.")

ACTOR = audit.SYSTEM
STAGE = "closed, invited, partner or open."
Row = TypeVar("Row", bound=Base)
_data: list[Path | None] = [None]


@app.callback()
def admin(
    data: Path = typer.Option(
        None, help="Folder of films and databases, as `laterna serve` has it.  [default: data root]"
    ),
) -> None:
    """Owners, keys, invites, the stage of the roll-out, and the record of it all."""
    _data[0] = data.expanduser().absolute() if data else None


@contextmanager
def _session(create: bool = False) -> Iterator[tuple[Session, Settings]]:
    settings = Settings.of(data=_data[0])
    # A folder that was misspelt shall not look like a server without anybody.
    if not create and not settings.database and not (settings.data / "laterna.db").exists():
        remedy = "start `laterna serve` once, or give the folder it was started with"
        raise InputError("data", str(settings.data), remedy)
    store = Store(settings)
    try:
        with store.session() as session:
            yield session, settings
    finally:
        store.close()


def _show(titles: str, rows: Iterator[tuple[object, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in titles.split():
        table.add_column(title.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("-" if cell is None else str(cell) for cell in row))
    Console(markup=False, highlight=False, soft_wrap=True).print(table)


def _when(moment: float | None) -> str | None:
    return None if moment is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(moment))


def _row(session: Session, table: type[Row], name: str, what: str) -> Row:
    found = session.get(table, name)
    if found is None:
        raise InputError(what, name, f"give an id that `laterna admin {what}s list` shows")
    return found


@owners_app.command("list")
def list_owners() -> None:
    """All owners, with what they may and what they have used today."""
    with _session() as (session, _):
        found = session.scalars(select(Owner).order_by(Owner.created, Owner.id)).all()
        _show(
            "id name stage seconds_a_day today jobs_at_once now admin disabled",
            (
                (
                    owner.id,
                    owner.name,
                    owner.stage,
                    owner.seconds_a_day,
                    f"{quotas.seconds_today(session, owner.id):g}",
                    owner.jobs_at_once,
                    quotas.jobs_now(session, owner.id),
                    "yes" if owner.admin else None,
                    _when(owner.disabled),
                )
                for owner in found
            ),
        )


@owners_app.command("add")
def add_owner(
    name: str = typer.Argument(help="What to call them."),
    stage: str = typer.Option("invited", help=STAGE),
    admin: bool = typer.Option(False, "--admin", help="They may administer, and do everything."),
) -> None:
    """Add an owner, also before the server's first start, and print their first key."""
    with _session(create=True) as (session, settings):
        owner, secret = people.add_owner(session, name, stage, ACTOR, admin=admin)
        closed = stages.current(session, settings) == "closed" and not admin
    note(f"{owner.name} is {owner.id}; their key is shown this once")
    if closed:
        note("the server is at stage closed, where only administrators film; see `admin stage`")
    print(secret)


@owners_app.command("change")
def change_owner(
    owner: str = typer.Argument(help="Id, or name."),
    name: str = typer.Option(None, help="Another name."),
    stage: str = typer.Option(None, help=STAGE),
    seconds_a_day: float = typer.Option(None, help="Seconds of video a day; -1: the stage's."),
    jobs_at_once: int = typer.Option(None, help="Jobs at once; -1: the stage's."),
    admin: bool = typer.Option(None, "--admin/--no-admin", help="May administer."),
    disabled: bool = typer.Option(None, "--disable/--enable", help="Shut out, or let in again."),
) -> None:
    """Change an owner."""
    given = {
        "name": name,
        "stage": stage,
        "seconds_a_day": seconds_a_day,
        "jobs_at_once": jobs_at_once,
        "admin": admin,
        "disabled": disabled,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    for field in ("seconds_a_day", "jobs_at_once"):
        if changes.get(field) == -1:
            changes[field] = None
    if not changes:
        raise InputError("change", owner, "say what to change, such as --stage partner")
    with _session() as (session, _):
        found = people.change_owner(session, people.owner_named(session, owner), ACTOR, **changes)
    note(f"{found.name} is changed")


@keys_app.command("list")
def list_keys(owner: str = typer.Argument(None, help="Only those of this owner.")) -> None:
    """Keys by their first characters; the keys themselves are not kept."""
    with _session() as (session, _):
        query = select(Key, Owner.name).join(Owner, Owner.id == Key.owner).order_by(Key.created)
        if owner is not None:
            query = query.where(Key.owner == people.owner_named(session, owner).id)
        found = session.execute(query).all()
        _show(
            "id owner begins made used revoked",
            (
                (key.id, name, key.hint, *map(_when, (key.created, key.used, key.revoked)))
                for key, name in found
            ),
        )


@keys_app.command("add")
def add_key(owner: str = typer.Argument(help="Id, or name.")) -> None:
    """Add a key for an owner, and print it."""
    with _session() as (session, _):
        key, secret = keys.add(session, people.owner_named(session, owner).id, ACTOR)
    note(f"{key.id}; the key is shown this once")
    print(secret)


@keys_app.command("revoke")
def revoke_key(key: str = typer.Argument(help="Id of the key.")) -> None:
    """End a key, and every sign-in that was made with it."""
    with _session() as (session, _):
        keys.revoke(session, _row(session, Key, key, "key"), ACTOR)
    note(f"{key} is revoked")


@invites_app.command("list")
def list_invites() -> None:
    """Invites that may still be used."""
    with _session() as (session, _):
        found = people.pending_invites(session)
        _show(
            "id stage made until",
            ((row.id, row.stage, _when(row.created), _when(row.expires)) for row in found),
        )


@invites_app.command("add")
def add_invite(
    stage: str = typer.Option("invited", help="invited, partner or open."),
    days: float = typer.Option(people.INVITE_DAYS, help="How long it may be used."),
) -> None:
    """Make a code that lets one person in, and print it."""
    with _session() as (session, _):
        invite, code = people.add_invite(session, stage, ACTOR, days)
    note(f"{invite.id} is good until {_when(invite.expires)} UTC; it is shown this once")
    print(code)


@invites_app.command("withdraw")
def withdraw_invite(invite: str = typer.Argument(help="Id of the invite.")) -> None:
    """Withdraw an invite."""
    with _session() as (session, _):
        people.withdraw_invite(session, _row(session, Invite, invite, "invite"), ACTOR)
    note(f"{invite} is withdrawn")


@waiting_app.command("list")
def list_waiting() -> None:
    """The waiting list, who waits longest first."""
    with _session() as (session, _):
        found = session.scalars(select(Waiting).order_by(Waiting.created, Waiting.id)).all()
        _show(
            "id email since invited note",
            (
                (row.id, row.email, _when(row.created), _when(row.invited), row.note)
                for row in found
            ),
        )


@waiting_app.command("invite")
def call_in(
    email: str = typer.Argument(help="Their address, as it stands on the list."),
    stage: str = typer.Option("invited", help="invited, partner or open."),
    days: float = typer.Option(people.INVITE_DAYS, help="How long the code may be used."),
) -> None:
    """Make an invite for somebody who waits, and print its code."""
    with _session() as (session, _):
        row = session.scalar(select(Waiting).where(Waiting.email == email.strip().lower()))
        if row is None:
            raise InputError("email", email, "give one that `laterna admin waiting list` shows")
        _, code = people.call_in(session, row, stage, ACTOR, days)
    note(f"send this to {email}; it is shown this once")
    print(code)


@app.command()
def stage(name: str = typer.Argument(None, metavar="[STAGE]", help=STAGE)) -> None:
    """Show where the roll-out stands, or move it."""
    with _session() as (session, settings):
        if name is not None:
            stages.choose(session, name)
            audit.note(session, ACTOR, "stage.choose", name)
            session.flush()
        now = stages.current(session, settings)
    _show(
        "stage abilities seconds_a_day jobs_at_once",
        (
            (
                f"{title} (now)" if title == now else title,
                ", ".join(a for a in stages.ABILITIES if a in row.abilities) or "-",
                row.seconds_a_day,
                row.jobs_at_once,
            )
            for title, row in stages.STAGES.items()
        ),
    )


@app.command("audit")
def show_audit(limit: int = typer.Option(50, min=1, max=10_000, help="How many entries.")) -> None:
    """What was done, by whom; the newest first. Times are UTC."""
    with _session() as (session, _):
        found = audit.recent(session, limit)
        _show(
            "when actor action subject detail",
            (
                (
                    _when(row.at),
                    row.actor,
                    row.action,
                    row.subject,
                    " ".join(f"{name}={value}" for name, value in row.detail.items()),
                )
                for row in found
            ),
        )
