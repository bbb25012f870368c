// Who used the card when, as the card itself saw it: a witness for tests of hand-overs that asks none of the parties.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace card {

enum class Deed : std::uint8_t { kAcquire, kFree, kReset, kLoad, kExecute, kUnload, kLoopback };

class Witness {
 public:
  /// Slots taken or freed, or a reset of the role. @param process thread group, 0 when nobody can be told
  void saw(Deed deed, std::int32_t process, std::uint64_t times = 1);
  /// A request that was taken. @param process owner of its slot; 0 when the slot is nobody's
  void saw_request(Deed deed, std::int32_t process, std::uint64_t request_id);
  /// The owner lives, whatever it asks: its epoch counts as seen.
  void saw_epoch(std::uint64_t request_id);

  /// Fields, separated by tabs: counters, then one `entry=` for each of the last entries, the oldest first.
  std::string text() const;

 private:
  /// The same deed of the same owner, without another one's in between.
  struct Entry {
    Deed deed;
    std::int32_t process;
    std::optional<std::uint32_t> epoch;
    std::uint64_t times;
    std::int64_t first_ms;  // since 1970
    std::int64_t last_ms;
  };
  void note(Deed deed, std::int32_t process, std::optional<std::uint32_t> epoch, std::uint64_t times);

  std::deque<Entry> entries_;
  std::uint64_t forgotten_ = 0;
  std::uint32_t highest_epoch_ = 0;
  std::uint64_t overlaps_ = 0;
  std::uint64_t foreign_runs_ = 0;
  std::optional<std::uint32_t> loader_;
};

}  // namespace card
