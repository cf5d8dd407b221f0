"""The commands of the service: serve, seed, zones."""

import argparse
from pathlib import Path

from slow_api import seed, server


def main() -> None:
    parser = argparse.ArgumentParser(prog="slow_api", description="The web API of a small bookshop.")
    commands = parser.add_subparsers(dest="command", required=True)

    serve = commands.add_parser("serve", help="answer requests until SIGTERM")
    serve.add_argument("--database", type=Path, default=Path("data/shop.db"))
    serve.add_argument("--host", default="0.0.0.0")
    serve.add_argument("--port", type=int, default=8000)

    make = commands.add_parser("seed", help="export the shop's records and load them into a new database")
    make.add_argument("--database", type=Path, default=Path("data/shop.db"))
    make.add_argument("--staging", type=Path, default=Path("data/staging"))

    commands.add_parser("zones", help="print the nearest depot of every town")

    options = parser.parse_args()
    if options.command == "serve":
        server.serve(options.database, options.host, options.port)
    elif options.command == "seed":
        seed.seed(options.database, options.staging)
    else:
        # Only this command needs the towns and depots.
        from slow_api import delivery

        delivery.print_zones()


if __name__ == "__main__":
    main()
