// edgeslot-card [--management] DIRECTORY SLOTS BYTES_PER_SLOT [COMPUTE...]: a virtual Catapult card in a directory, until
// it is stopped.
// Prints `ready`, or one line that says why it cannot run and ends with 1.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "card.h"
#include "command-words.h"

namespace {

constexpr int kKeptBytes = 32 << 20;

/// Held until this process ends, however it ends; holds its number.
catapult::FileDescriptor take_lock() {
  catapult::FileDescriptor lock(::open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock.valid()) throw std::runtime_error(catapult::failure("opening lock", errno));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) throw std::runtime_error("a card runs in this directory already");
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 || ::write(lock.get(), pid.data(), pid.size()) < 0)
    throw std::runtime_error(catapult::failure("writing lock", errno));
  return lock;
}

card::Options options_of(std::span<char* const> arguments) {
  card::Options options;
  options.management = !arguments.empty() && arguments[0] == std::string_view("--management");
  if (options.management) arguments = arguments.subspan(1);
  if (arguments.size() < 3)
    throw std::runtime_error("expected [--management] DIRECTORY SLOTS BYTES_PER_SLOT [COMPUTE...]");
  options.directory = arguments[0];
  options.slots = card::whole_number(arguments[1]).value_or(0);
  options.bytes_per_slot = card::whole_number(arguments[2]).value_or(0);
  if (options.slots < 2 || options.slots > catapult::kMaximumSlots)
    throw std::runtime_error("slots: expected 2 to 256");
  const bool power_of_two = (options.bytes_per_slot & (options.bytes_per_slot - 1)) == 0;
  if (options.bytes_per_slot < 8u << 10 || options.bytes_per_slot > 1u << 20 || !power_of_two)
    throw std::runtime_error("bytes per slot: expected a power of two from 8192 to 1048576");
  options.compute.assign(arguments.begin() + 3, arguments.end());
  return options;
}

void run(const card::Options& options) {
  const char* directory = options.directory.c_str();
  if (::chdir(directory) != 0) throw std::runtime_error(catapult::failure(directory, errno));
  const catapult::FileDescriptor lock = take_lock();
  ::umount2("dev", MNT_DETACH | UMOUNT_NOFOLLOW);  // of a card that died here, as is the next
  std::filesystem::remove_all("sys");
  if (::mkdir("dev", 0755) != 0 && errno != EEXIST) throw std::runtime_error(catapult::failure("making dev", errno));
  card::Card(options).run();
  ::rmdir("dev");
  std::filesystem::remove_all("sys");
  ::unlink("control");
  ::unlink("lock");
}

}  // namespace

int main(int argc, char** argv) {
  (void)::signal(SIGPIPE, SIG_IGN);
  // Payloads of some 100 KiB come and go with each request: keep their pages instead of asking for new ones.
  ::mallopt(M_MMAP_THRESHOLD, kKeptBytes);
  ::mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  try {
    run(options_of(std::span(argv, static_cast<std::size_t>(argc)).subspan(1)));
    return 0;
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
