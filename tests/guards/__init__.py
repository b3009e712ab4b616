"""Every guard in a scenario of its own, over the real litellm path; without the guard the same scenario ends badly."""
