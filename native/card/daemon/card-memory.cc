#include "card-memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <stdexcept>

namespace card {
namespace {

constexpr std::size_t kLineWindowBytes = 64u << 10;  // 256 lines of 128 bytes fit

}  // namespace

catapult::FileDescriptor make_window_file() {
  catapult::FileDescriptor file(::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid()) throw std::runtime_error(catapult::failure("a memory file in /dev/shm", errno));
  if (::ftruncate(file.get(), static_cast<off_t>(kFileBytes)) != 0)
    throw std::runtime_error(catapult::failure("a sparse memory file in /dev/shm", errno));
  return file;
}

CardMemory::CardMemory(std::uint32_t slots, std::uint32_t bytes_per_slot)
    : slots_(slots),
      bytes_per_slot_(bytes_per_slot),
      file_(make_window_file()),
      registers_(map(catapult::kRegisterWindow, kRegisterBytes)),
      input_(map(catapult::kInputWindow, offset(slots))),
      output_(map(catapult::kOutputWindow, offset(slots))),
      results_(reinterpret_cast<catapult::SlotResult*>(map(catapult::kResultWindow, kLineWindowBytes))),
      control_(reinterpret_cast<catapult::SlotControl*>(map(catapult::kControlWindow, kLineWindowBytes))) {}

CardMemory::~CardMemory() {
  ::munmap(registers_, kRegisterBytes);
  ::munmap(input_, offset(slots_));
  ::munmap(output_, offset(slots_));
  ::munmap(results_, kLineWindowBytes);
  ::munmap(control_, kLineWindowBytes);
}

std::byte* CardMemory::map(std::uint64_t from, std::size_t bytes) const {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), static_cast<off_t>(from));
  if (at == MAP_FAILED) throw std::runtime_error(catapult::failure("mapping the card's memory", errno));
  return static_cast<std::byte*>(at);
}

std::uint32_t* CardMemory::word(std::uint32_t number, std::uint32_t interpreter) const {
  return reinterpret_cast<std::uint32_t*>(registers_ + catapult::register_offset(number, interpreter));
}

std::uint32_t CardMemory::read_register(std::uint32_t number, std::uint32_t interpreter) const {
  return load(word(number, interpreter));
}

void CardMemory::write_register(std::uint32_t number, std::uint32_t interpreter, std::uint32_t value) const {
  store(word(number, interpreter), value);
}

std::uint32_t CardMemory::take_register(std::uint32_t number, std::uint32_t interpreter) const {
  return __atomic_exchange_n(word(number, interpreter), 0u, __ATOMIC_ACQ_REL);
}

}  // namespace card
