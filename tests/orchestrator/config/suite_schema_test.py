"""Holds configs/suite.schema.json against an independent validator: the suite files pass, faulty ones don't."""

import json
import pathlib
import sys
import unittest

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

CONFIGS = pathlib.Path(sys.argv.pop(1))
MINIMAL = {"host": "127.0.0.1", "db_root": "runs"}
FAULTY = {
    "unknown key": {"clints": 3},
    "interval without a meaning": {"mode": "closed", "interval_ms": 5},
    "arrivals without a meaning": {"mode": "closed", "arrivals": "exponential"},
    "no contestant": {"servers": []},
    "contestant with a space": {"servers": ["go gorilla"]},
    "contestant twice": {"servers": ["go-gorilla", "go-gorilla"]},
    "fraction of a client": {"clients": 1.5},
    "relative request path": {"path": "chat"},
    "two passwords": {"supervisord": {"user": "u", "password": "p", "password_env": "P"}},
    "password without user": {"supervisord": {"password": "p"}},
    "socket and host": {"supervisord": {"unix_socket": "/run/s.sock", "host": "h"}},
    "unknown threshold": {"thresholds": {"latency_p98_ms": 5}},
}
SOUND = {
    "nothing more": {},
    "closed loop": {"mode": "closed"},
    "closed loop, its arrivals spelt out": {"mode": "closed", "arrivals": "uniform"},
    "open loop, spelt out": {"mode": "open", "interval_ms": 0.5, "arrivals": "exponential"},
    "supervisord by URL": {"supervisord": "unix:///run/supervisor.sock"},
    "supervisord by socket": {"supervisord": {"unix_socket": "/run/supervisor.sock"}},
    "password from the environment": {"supervisord": {"user": "u", "password_env": "P"}},
    "contestant in a group": {"servers": ["group:name"]},
}


class SuiteSchema(unittest.TestCase):
    def setUp(self):
        schema = json.loads((CONFIGS / "suite.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        self.validator = jsonschema.Draft7Validator(schema)

    def test_every_suite_file_is_valid(self):
        files = sorted(p for p in CONFIGS.glob("*-scale.json")) + [CONFIGS / "smoke.json"]
        self.assertGreaterEqual(len(files), 3)
        for file in files:
            with self.subTest(file=file.name):
                self.validator.validate(json.loads(file.read_text()))

    def test_faulty_suites_are_refused(self):
        for fault, members in FAULTY.items():
            with self.subTest(fault):
                self.assertFalse(self.validator.is_valid({**MINIMAL, **members}))

    def test_sound_suites_are_valid(self):
        for case, members in SOUND.items():
            with self.subTest(case):
                self.validator.validate({**MINIMAL, **members})


if __name__ == "__main__":
    unittest.main()
