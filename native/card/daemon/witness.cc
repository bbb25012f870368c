#include "witness.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <sstream>
#include <string_view>

namespace card {
namespace {

constexpr std::size_t kMostEntries = 512;
constexpr std::array<std::string_view, 7> kNames = {"acquire", "free",   "reset",   "load",
                                                    "execute", "unload", "loopback"};

std::int64_t milliseconds_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::uint32_t epoch_of(std::uint64_t request_id) { return static_cast<std::uint32_t>(request_id >> 32); }

}  // namespace

void Witness::saw(Deed deed, std::int32_t process, std::uint64_t times) {
  if (deed == Deed::kReset) loader_.reset();
  note(deed, process, std::nullopt, times);
}

void Witness::saw_request(Deed deed, std::int32_t process, std::uint64_t request_id) {
  const std::uint32_t epoch = epoch_of(request_id);
  if (epoch < highest_epoch_) ++overlaps_;
  if (deed == Deed::kLoad) loader_ = epoch;
  if (deed == Deed::kExecute && loader_ && loader_ != epoch) ++foreign_runs_;
  if (deed == Deed::kUnload) loader_.reset();
  saw_epoch(request_id);
  note(deed, process, epoch, 1);
}

void Witness::saw_epoch(std::uint64_t request_id) {
  highest_epoch_ = std::max(highest_epoch_, epoch_of(request_id));
}

void Witness::note(Deed deed, std::int32_t process, std::optional<std::uint32_t> epoch, std::uint64_t times) {
  const std::int64_t now = milliseconds_now();
  if (!entries_.empty()) {
    Entry& last = entries_.back();
    if (last.deed == deed && last.process == process && last.epoch == epoch) {
      last.times += times;
      last.last_ms = now;
      return;
    }
  }
  entries_.push_back({deed, process, epoch, times, now, now});
  if (entries_.size() <= kMostEntries) return;
  entries_.pop_front();
  ++forgotten_;
}

std::string Witness::text() const {
  std::ostringstream text;
  text << "highestEpoch=" << highest_epoch_ << "\toverlaps=" << overlaps_ << "\tforeignRuns=" << foreign_runs_
       << "\tforgotten=" << forgotten_;
  for (const Entry& one : entries_) {
    text << "\tentry=" << kNames[static_cast<std::size_t>(one.deed)] << ',' << one.process << ',';
    if (one.epoch) text << *one.epoch;
    text << ',' << one.times << ',' << one.first_ms << ',' << one.last_ms;
  }
  return text.str();
}

}  // namespace card
