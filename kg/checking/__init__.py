"""From verdicts to a Report: findings, evidence, what would clear them, burden, plan."""
