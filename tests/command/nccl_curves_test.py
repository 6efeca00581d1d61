# Measured nccl-tests curves beside `orrery collective`: the median error of each stays within ten per cent.
"""nccl_curves.json holds the measurements, each curve with its source. Sizes are those that were measured; a curve whose
smallest sizes wait for the host (one process launching for eight GPUs, or no graph) says how long that needs between
launches. Curves that are further off say how far they may be (`most`): these may come nearer, not go further."""
import json
import pathlib
import statistics
import subprocess
import sys

MOST = 0.10  # of a curve's median error


def simulated(orrery, curve):
    options = ["--launch-interval", curve["launch_interval"]] if "launch_interval" in curve else []
    sizes = f"{curve['bytes'][0]} B:{curve['bytes'][-1]} B"
    text = subprocess.run([orrery, "collective", curve["cluster"], "--chips", str(curve["chips"]), "--kind", curve["kind"],
                           "--bytes", sizes, "--json", *options], check=True, capture_output=True, text=True).stdout
    return {row["bytes"]: row["time_s"] * 1e6 for row in json.loads(text)["rows"]}


def main():
    curves = json.loads(pathlib.Path(__file__).with_name("nccl_curves.json").read_text())
    failed = near = 0
    for curve in curves:
        times = simulated(sys.argv[1], curve)
        errors = [abs(times[size] / measured - 1) for size, measured in zip(curve["bytes"], curve["us"])]
        median = statistics.median(errors)
        too_far = median > curve.get("most", MOST)
        print(f"{curve['curve']:45} {len(errors):3} sizes  median {median:6.1%}  mean {statistics.mean(errors):6.1%}  "
              f"worst {max(errors):6.1%}{'  TOO FAR' if too_far else ''}")
        failed += too_far
        near += median <= MOST
    print(f"{near} of {len(curves)} curves within a median error of {MOST:.0%}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
