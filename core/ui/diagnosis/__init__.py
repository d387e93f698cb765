"""The Diagnosis page: intake, viewer, verdict, evidence, worklist, exports."""
