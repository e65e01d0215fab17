"""Finding: passages are encoded, stored and searched."""

import os

# A question's products of small matrices and searches are over before a second thread has woken;
# threads that spin in wait for more take the processor from whatever else runs. Builds ask for more
# threads where they gain by it. To be set before NumPy is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# ONNX Runtime tells its maker of its use, and keeps an id of the machine in the user's cache, as
# soon as it is loaded, by whichever library. Read then, so it is set before anything loads it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
