"""Run with `python -m unittest` in the folder above."""

import unittest

from slow_api import pricing


class Pricing(unittest.TestCase):
    def test_many_books_are_cheaper_each(self):
        self.assertEqual([pricing.quantity_factor(count) for count in (1, 5, 10)], [1.0, 0.95, 0.9])

    def test_the_season_is_the_same_each_year(self):
        self.assertAlmostEqual(pricing.demand("poetry", 3), pricing.demand("poetry", 3 + pricing.DAYS))


if __name__ == "__main__":
    unittest.main()
