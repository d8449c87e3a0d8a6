# SPDX-License-Identifier: Apache-2.0
import unittest

from tidy_checks import golden_events

SCENARIO = """== run
start A t:wf/flow.main []
events A
  v1 create #0 g:1
  v2 try #0 found
end
expect A ok
captured A
  v3 persist kind 1 0..9
end
"""


class GoldenEvents(unittest.TestCase):
    def test_events_of_blocks_only(self):
        self.assertEqual(golden_events.events_of(SCENARIO), ["create #0 g:1", "try #0 found"])

    def test_what_is_missing_is_named(self):
        missing = [f.message for f in golden_events.check([SCENARIO])]
        self.assertIn("no scenario shows the event 'persist kind 1'", missing)
        self.assertFalse([m for m in missing if "found'" in m and "try" in m])
        self.assertEqual(len(missing), len(golden_events.KINDS) - 2)

    def test_several_scenarios_count_together(self):
        other = SCENARIO.replace("try #0 found", "try #0 pending")
        self.assertEqual(len(golden_events.check([SCENARIO, other])),
                         len(golden_events.KINDS) - 3)


if __name__ == "__main__":
    unittest.main()
