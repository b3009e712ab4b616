"""Carries out one Move: asks models, runs tools, records what came of it. All effects of a session are here."""
