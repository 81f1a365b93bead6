"""Are reasons from tables exact, and which kind of share should they be?

python -m experiments.reasons.run          # writes result.json beside this file
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from experiments.reasons.kinds import compare
from experiments.reasons.sweep import against_pred_contrib, against_shap_interventional

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=24, help="models per kind")
    parser.add_argument("--leads", type=int, default=60_000)
    chosen = parser.parse_args()
    result = {
        "tables against pred_contrib": against_pred_contrib(chosen.seeds),
        "interventional tables against shap": against_shap_interventional(max(1, chosen.seeds // 2)),
        "path-dependent or interventional": compare(chosen.leads),
    }
    (HERE / "result.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
