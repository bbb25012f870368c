// All sources of the addon as one: their headers are read once, which makes the build several times shorter.
#include "../addon/addon.cc"
#include "../addon/file-lock.cc"
#include "../addon/probe-worker.cc"
#include "../addon/sample.cc"
#ifdef __linux__  // where the driver is
#include "../addon/card-object.cc"
#include "../addon/environment.cc"
#include "../addon/network-argument.cc"
#include "../addon/open-card.cc"
#include "../addon/open-worker.cc"
#include "../addon/operation.cc"
#endif
