// A card that this process has opened, whichever threads use it.
#pragma once

#include <cstdint>
#include <memory>

#include "../core/device-thread.h"
#include "../core/open-engine.h"

namespace edgeslot {

class OpenCard : public std::enable_shared_from_this<OpenCard> {
 public:
  /// Opens; throws catapult::DeviceError.
  static std::shared_ptr<OpenCard> open(const catapult::OpenOptions& options);
  /// One that is open, for another thread; null when it was closed.
  static std::shared_ptr<OpenCard> find(std::uint32_t token);

  explicit OpenCard(const catapult::OpenOptions& options) : thread_(catapult::open_engine(options)) {}
  OpenCard(const OpenCard&) = delete;
  OpenCard& operator=(const OpenCard&) = delete;
  ~OpenCard();

  std::uint32_t token() const { return token_; }
  catapult::DeviceThread& thread() { return thread_; }

  /// Ends what is under way and gives the card back; waits for its thread. The opener calls it before it lets go, so
  /// that the card's own thread is never the last that holds this.
  void close();

 private:
  std::uint32_t token_ = 0;
  catapult::DeviceThread thread_;
};

}  // namespace edgeslot
