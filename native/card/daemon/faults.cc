#include "faults.h"

#include <algorithm>

namespace card {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Fault::kCount)> kNames = {
    "timeout", "exception", "late", "stale", "enospc", "ebusy", "eacces", "eintr"};

}  // namespace

Fault Faults::named(std::string_view name) {
  return static_cast<Fault>(std::find(kNames.begin(), kNames.end(), name) - kNames.begin());
}

bool Faults::take(Fault fault) {
  std::uint32_t& left = left_[index(fault)];
  if (left == 0) return false;
  --left;
  return true;
}

std::string Faults::text() const {
  std::string text;
  for (std::size_t at = 0; at < kNames.size(); ++at) {
    if (left_[at] == 0) continue;
    if (!text.empty()) text += ',';
    text += std::string(kNames[at]) + ':' + std::to_string(left_[at]);
  }
  return text.empty() ? "none" : text;
}

}  // namespace card
