"""Draft the next migration: `python -m laterna.server.migrations WORDS THAT SAY WHY`.

Read what it wrote before committing it: Alembic sees new columns, not what belongs in them.
"""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from laterna.server.migrations import FOLDER, head, upgrade


def main(words: list[str]) -> None:
    """Compare the models with a database that all migrations made."""
    versions = list((FOLDER / "versions").glob("[0-9]*.py"))
    number = f"{int(head()) + 1 if versions else 1:04d}"
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        if versions:
            upgrade(engine)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, " ".join(words), autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(sys.argv[1:])
