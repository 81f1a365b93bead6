"""How likely is a lead to convert: backbone, boosting, calibration, evaluation in order of time, and the bundle."""
