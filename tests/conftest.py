"""For all tests."""

import os

# The tests' networks are tiny: on two threads they wait for each other longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["LC_ALL"] = "C.UTF-8"  # sentences are compared in English
