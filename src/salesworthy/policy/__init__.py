"""What people decided: the policy as a typed document with dated values, its checks, its approvals, its handbook."""
