// Who may have the card: one owner at a time, and its slots are free again when it closes or dies.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "../check.h"
#include "../expect-error.h"
#include "card-under-test.h"
#include "round-trip.h"

namespace {

catapult::Device open(const test::CardUnderTest& card, std::uint32_t epoch) {
  return catapult::Device(catapult::kernel_calls(), card.options(epoch));
}

/// What the driver refuses is told as what it means, and leaves nothing open.
void test_refusals(const test::CardUnderTest& card) {
  const std::string range = card.node() + ": ACQUIRE_SLOT_RANGE: ";
  {
    const test::FaultInCard fault(card, "enospc");
    CHECK_ERROR(busy, range + "ENOSPC", open(card, 4));
  }
  {
    const test::FaultInCard fault(card, "ebusy");
    CHECK_ERROR(busy, range + "EBUSY", open(card, 4));
  }
  {
    const test::FaultInCard fault(card, "eacces");
    CHECK_ERROR(access, range + "EACCES", open(card, 4));
  }
  CHECK(card.becomes("openFiles", "0"));
  auto device = open(card, 4);
  CHECK_ERROR(busy, card.node() + " is already open in this process", open(card, 4));
  CHECK(test::round_trip(device, 1));
}

void test_close_frees(const test::CardUnderTest& card) {
  const std::string all = card.status("slots");
  {
    const auto device = open(card, 5);
    CHECK(card.status("slotsOwned") == all);
  }
  CHECK(card.becomes("slotsOwned", "0"));
}

/// A process that holds the card until it is killed.
class OtherOwner {
 public:
  OtherOwner(const test::CardUnderTest& card, std::uint32_t epoch) {
    int ready[2];
    CHECK(::pipe(ready) == 0);
    process_ = ::fork();
    if (process_ == 0) hold(card, epoch, ready[1]);
    ::close(ready[1]);
    char sign = 0;
    CHECK(::read(ready[0], &sign, 1) == 1);
    ::close(ready[0]);
  }
  OtherOwner(const OtherOwner&) = delete;
  OtherOwner& operator=(const OtherOwner&) = delete;
  ~OtherOwner() { kill(); }

  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    CHECK(::waitpid(process_, nullptr, 0) == process_);
    process_ = 0;
  }

 private:
  [[noreturn]] static void hold(const test::CardUnderTest& card, std::uint32_t epoch, int ready) {
    try {
      auto device = open(card, epoch);
      test::send(device, 0, 99);
      if (::write(ready, "r", 1) == 1) ::pause();
    } catch (const catapult::DeviceError& error) {
      std::fprintf(stderr, "the other owner: %s\n", error.what());
    }
    ::_exit(1);
  }

  pid_t process_ = 0;
};

/// Killed in a run: its slots are free, its answer comes into the next owner's slot, and is known by its epoch.
void test_killed_owner(const test::CardUnderTest& card) {
  const test::FaultInCard fault(card, "late 500");
  OtherOwner other(card, 6);
  CHECK_ERROR(busy, card.node() + ": ACQUIRE_SLOT_RANGE: EBUSY", open(card, 7));
  CHECK(card.becomes("pending", "1"));
  other.kill();
  CHECK(card.becomes("slotsOwned", "0"));
  auto device = open(card, 7);
  int right = 0;
  int trips = 0;
  const auto end = std::chrono::steady_clock::now() + test::kPatience;
  while (device.role().stale_answers() == 0 && std::chrono::steady_clock::now() < end) {
    trips++;
    right += test::round_trip(device, trips);
  }
  CHECK(device.role().stale_answers() == 1);
  CHECK(right == trips && trips > 0);
  CHECK(card.ask("witness").find("\toverlaps=0\t") != std::string::npos);
}

}  // namespace

void test_owners(const test::CardUnderTest& card) {
  test_refusals(card);
  test_close_frees(card);
  test_killed_owner(card);
}
