#include "card.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "command-words.h"

namespace card {
namespace {

// Doorbells are words in memory that nobody announces, so they are looked at: this often while slots are owned, and
// whenever the host waits.
constexpr auto kLookEvery = std::chrono::milliseconds(1);
constexpr auto kIdle = std::chrono::milliseconds(500);
constexpr std::uint64_t kManagementHandle = 0;  // the driver's begin with 1

std::vector<Identity> functions(bool management) {
  if (management) return {{"sys/catapult1", "role", 1}, {"sys/catapult0", "management", 0}};
  return {{"sys/catapult0", "role", 0}};
}

int signal_descriptor() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// FUSE tells the calling thread; the driver knows processes.
std::int32_t process_of(std::uint32_t thread) {
  std::ifstream status("/proc/" + std::to_string(thread) + "/status");
  for (std::string word; status >> word;)
    if (std::int32_t process = 0; word == "Tgid:" && status >> process) return process;
  return static_cast<std::int32_t>(thread);
}

}  // namespace

Card::Card(const Options& options)
    : memory_(options.slots, options.bytes_per_slot),
      shell_(memory_, functions(options.management)),
      driver_(memory_, faults_, *this, witness_),
      management_(make_management(options)),
      compute_memory_(options.bytes_per_slot),
      compute_(options.compute, compute_memory_),
      role_(memory_, compute_memory_, compute_, driver_, shell_, faults_, witness_),
      fuse_("dev", windows(), kFileBytes),
      control_([this](const std::string& line) { return command(line); }),
      signals_(signal_descriptor()) {}

void Card::run() {
  bool announced = false;
  auto next_look = Clock::now();
  while (!stopping_) {
    const auto now = Clock::now();
    role_.work(now);
    driver_.expire(now);
    wait(now);
    if (now >= next_look) {
      // Whoever removes its directory wants no card any more, and could not stop it in another way.
      stopping_ = stopping_ || ::access("control", F_OK) != 0;
      next_look = now + kIdle;
    }
    if (fuse_.ready() && !announced) {
      announced = true;
      std::printf("ready\n");
      (void)std::fflush(stdout);
    }
  }
}

void Card::wait(Clock::time_point now) {
  std::chrono::nanoseconds limit = driver_.in_use() ? kLookEvery : kIdle;
  const auto until = [&](std::optional<Clock::time_point> time) {
    // What is overdue waits for the host to discard an answer, which is looked for like a doorbell.
    if (time) limit = std::min<std::chrono::nanoseconds>(limit, *time > now ? *time - now : kLookEvery);
  };
  until(driver_.next_deadline());
  until(role_.next_due());

  std::vector<pollfd> watched{{fuse_.descriptor(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {compute_.descriptor(), POLLIN, 0}};
  control_.add_to(watched);
  const timespec time{static_cast<time_t>(limit.count() / 1'000'000'000), limit.count() % 1'000'000'000};
  if (::ppoll(watched.data(), watched.size(), &time, nullptr) <= 0) return;
  if (watched[1].revents != 0) stopping_ = true;
  if (watched[2].revents != 0) role_.compute_answered();
  if (std::any_of(watched.begin() + 3, watched.end(), [](const pollfd& one) { return one.revents != 0; }))
    control_.serve();
  if (watched[0].revents != 0 && !fuse_.serve(*this)) stopping_ = true;
}

std::optional<Management> Card::make_management(const Options& options) const {
  if (!options.management) return std::nullopt;
  return Management(*this, {options.bytes_per_slot, options.slots});
}

std::vector<int> Card::windows() const {
  if (management_) return {management_->descriptor(), memory_.descriptor()};
  return {memory_.descriptor()};
}

std::uint64_t Card::opened(std::uint32_t node, std::uint32_t thread) {
  if (management_ && node == 0) return kManagementHandle;
  return driver_.opened(process_of(thread));
}

void Card::released(std::uint64_t handle) {
  if (handle != kManagementHandle) driver_.released(handle);
}

void Card::called(std::uint64_t request, std::uint64_t handle, std::uint32_t command,
                  std::span<const std::byte> argument) {
  role_.work(Clock::now());  // a doorbell rung before this call is heard before it
  if (handle == kManagementHandle) return management_->called(request, command);
  driver_.called(request, handle, command, argument);
}

void Card::interrupted(std::uint64_t request) { driver_.interrupted(request); }

void Card::reply_call(std::uint64_t request, std::span<const std::byte> answer) const {
  fuse_.reply_call(request, answer);
}

void Card::refuse(std::uint64_t request, int error) const { fuse_.refuse(request, error); }

std::string Card::command(const std::string& line) {
  const auto words = words_of(line);
  if (words == std::vector<std::string>{"status"}) return status();
  if (words == std::vector<std::string>{"witness"}) return "ok\t" + witness_.text();
  if (words == std::vector<std::string>{"stop"}) {
    stopping_ = true;
    return "ok";
  }
  if (!words.empty() && words[0] == "fault") return fault({words.begin() + 1, words.end()});
  return "error\tunknown command: expected status, witness, fault or stop";
}

std::string Card::status() const {
  const es_role_status role = role_.status();
  const es_role_health health = shell_.health();
  std::ostringstream text;
  text << "ok\tkind=virtual-card\tpid=" << ::getpid() << "\tstate=" << Role::state_name(role.state)
       << "\tloads=" << role.loads << "\truns=" << role.runs << "\tfailures=" << role.failures
       << "\tpending=" << role_.pending() << "\tslots=" << memory_.slots() << "\tbytesPerSlot=" << memory_.bytes_per_slot()
       << "\tslotsOwned=" << driver_.owned() << "\topenFiles=" << driver_.open_files()
       << "\twaiting=" << driver_.waiting()
       << "\ttemperature=" << shell_.temperature() << "\tseverity=" << health.severity << "\thealth=" << health.text
       << "\tgone=" << (shell_.gone() ? "yes" : "no") << "\tcomputePid=" << compute_.process()
       << "\tfaults=" << faults_.text();
  return text.str();
}

std::string Card::fault(const std::vector<std::string>& words) {
  const std::string name = words.empty() ? "" : words[0];
  const auto number = [&](std::size_t at, std::uint32_t otherwise) {
    return words.size() > at ? whole_number(words[at]) : otherwise;
  };
  const auto first = number(1, 1);
  const auto second = number(2, 1);
  if (words.size() > 3 || !first || !second) return "error\tfault NAME [VALUE [TIMES]]: whole numbers are expected";
  if (name == "clear") {
    faults_.clear();
    if (role_.halted()) role_.reset();
    shell_.set_gone(false);
    shell_.set_ecc_errors(0);
    shell_.set_temperature(52);
    return "ok";
  }
  if (name == "death") ::_exit(137);  // at once, as a process that is killed: nothing is unmounted or answered
  if (name == "gone") shell_.set_gone(*first != 0);
  else if (name == "temperature") shell_.set_temperature(static_cast<std::int32_t>(std::min(*first, 200u)));
  else if (name == "ecc") shell_.set_ecc_errors(*first);
  else if (name == "compute") {
    if (!compute_.running()) return "error\tthere is no compute child: no network is loaded";
    ::kill(compute_.process(), SIGKILL);
  } else if (const Fault one = Faults::named(name); one == Fault::kLate) {
    faults_.set_delay(*first);
    faults_.arm(one, *second);
  } else if (one != Fault::kCount) {
    faults_.arm(one, *first);
  } else {
    return "error\tunknown fault '" + name +
           "': expected timeout, exception, late, stale, gone, temperature, ecc, enospc, ebusy, eacces, eintr, compute, "
           "death or clear";
  }
  return "ok";
}

}  // namespace card
