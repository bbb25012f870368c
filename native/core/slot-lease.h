// The right to use a slot, given back when it ends.
#pragma once

#include <cstdint>
#include <utility>

namespace catapult {

class SlotOwner {
 public:
  virtual ~SlotOwner() = default;
  virtual void end_lease(std::uint32_t slot) = 0;
};

/// Never outlives its owner: who holds one keeps the owner alive.
class SlotLease {
 public:
  SlotLease() = default;
  SlotLease(SlotOwner& owner, std::uint32_t slot) : owner_(&owner), slot_(slot) {}
  SlotLease(SlotLease&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), slot_(other.slot_) {}
  SlotLease& operator=(SlotLease&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(slot_, other.slot_);
    return *this;
  }
  SlotLease(const SlotLease&) = delete;
  SlotLease& operator=(const SlotLease&) = delete;
  ~SlotLease() {
    if (owner_ != nullptr) owner_->end_lease(slot_);
  }

  explicit operator bool() const { return owner_ != nullptr; }
  std::uint32_t slot() const { return slot_; }

 private:
  SlotOwner* owner_ = nullptr;
  std::uint32_t slot_ = 0;
};

}  // namespace catapult
