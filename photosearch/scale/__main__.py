"""`python -m photosearch.scale embed` or `read FOLDER`: see frames."""

import os
import sys


def main() -> None:
    """Serve the parent; what others print goes to the standard error stream."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if sys.argv[1] == "embed":
        from photosearch.scale import cluster

        cluster.serve(sys.stdin.buffer, answers)
    else:
        from photosearch.scale import reading

        reading.serve(sys.argv[2], answers)


if __name__ == "__main__":
    main()
