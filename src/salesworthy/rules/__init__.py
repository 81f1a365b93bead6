"""Every rule of the policy on every lead, three-valued, in the engine."""
