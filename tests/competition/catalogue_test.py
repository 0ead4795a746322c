"""docs/contestants.md is what competition/installer/catalogue makes of the manifests."""

import subprocess
import unittest

import harness

DOCUMENT = harness.COMPETITION.parent / "docs" / "contestants.md"


class CatalogueTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = subprocess.run(
            [str(harness.COMPETITION / "installer" / "catalogue")],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout

    def test_the_document_is_up_to_date(self):
        self.assertEqual(self.page, DOCUMENT.read_text(), "competition/installer/catalogue --write makes it anew")

    def test_every_contestant_has_one_row_of_all_columns(self):
        rows = [line for line in self.page.splitlines() if line.startswith("| `")]
        self.assertEqual(harness.contestant_names(), sorted(row.split("`")[1] for row in rows))
        for row in rows:
            self.assertEqual(6, row.replace("\\|", "").count("|"), row)


if __name__ == "__main__":
    unittest.main()
