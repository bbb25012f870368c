#include "compute.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <array>
#include <memory>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace card {
namespace {

constexpr int kMemoryDescriptor = 3;  // in the child

int make_memory(std::size_t bytes) {
  const int fd = ::memfd_create("edgeslot-card-compute", MFD_CLOEXEC);
  if (fd < 0) throw std::runtime_error(catapult::failure("memory to compute in", errno));
  if (::ftruncate(fd, static_cast<off_t>(bytes)) == 0) return fd;
  const int error = errno;
  ::close(fd);
  throw std::runtime_error(catapult::failure("memory to compute in", error));
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace

ComputeMemory::ComputeMemory(std::size_t slot_bytes) : slot_bytes_(slot_bytes), file_(make_memory(2 * slot_bytes)) {
  void* at = ::mmap(nullptr, 2 * slot_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (at == MAP_FAILED) throw std::runtime_error(catapult::failure("mapping the memory to compute in", errno));
  at_ = static_cast<std::byte*>(at);
}

ComputeMemory::~ComputeMemory() { ::munmap(at_, 2 * slot_bytes_); }

bool ComputeMemory::reserve_image(std::uint64_t bytes) const {
  const auto base = static_cast<off_t>(image_offset());
  if (::ftruncate(file_.get(), base) != 0) return false;
  return bytes == 0 || ::posix_fallocate(file_.get(), base, static_cast<off_t>(bytes)) == 0;
}

bool ComputeMemory::write_image(std::uint64_t offset, std::span<const std::byte> part) const {
  while (!part.empty()) {
    const auto at = static_cast<off_t>(image_offset() + offset);
    const ssize_t put =
        catapult::retry_on_signal([&] { return ::pwrite(file_.get(), part.data(), part.size(), at); });
    if (put <= 0) return false;
    offset += static_cast<std::uint64_t>(put);
    part = part.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

Compute::Compute(std::vector<std::string> command, const ComputeMemory& memory)
    : command_(std::move(command)), memory_(memory) {}

Compute::~Compute() { stop(); }

bool Compute::start() {
  if (running()) return true;
  if (command_.empty()) return false;
  std::array<int, 2> orders{};
  std::array<int, 2> answers{};
  if (::pipe2(orders.data(), O_CLOEXEC) != 0) return false;
  catapult::FileDescriptor orders_read(orders[0]);
  catapult::FileDescriptor orders_write(orders[1]);
  if (::pipe2(answers.data(), O_CLOEXEC) != 0) return false;
  catapult::FileDescriptor answers_read(answers[0]);
  catapult::FileDescriptor answers_write(answers[1]);

  posix_spawn_file_actions_t actions;
  if (::posix_spawn_file_actions_init(&actions) != 0) return false;
  const std::unique_ptr<posix_spawn_file_actions_t, int (*)(posix_spawn_file_actions_t*)> owner(
      &actions, ::posix_spawn_file_actions_destroy);
  ::posix_spawn_file_actions_adddup2(&actions, orders_read.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, answers_write.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, memory_.descriptor(), kMemoryDescriptor);
  std::vector<char*> arguments;
  for (std::string& part : command_) arguments.push_back(part.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) return false;
  (void)::fcntl(answers_read.get(), F_SETFL, O_NONBLOCK);
  child_ = child;
  orders_ = std::move(orders_write);
  answers_ = std::move(answers_read);
  received_.clear();
  return true;
}

void Compute::stop() {
  if (!running()) return;
  ::kill(child_, SIGKILL);
  catapult::retry_on_signal([&] { return ::waitpid(child_, nullptr, 0); });
  child_ = 0;
  orders_ = catapult::FileDescriptor(-1);
  answers_ = catapult::FileDescriptor(-1);
  received_.clear();
}

void Compute::load(const es_role_firmware& firmware, const es_role_image& image) {
  std::ostringstream line;
  line << "load\t" << memory_.input().size() << '\t' << image.bytes << '\t'
       << hexadecimal(std::span(image.sha256, sizeof image.sha256)) << '\t' << firmware.input_rows << '\t'
       << firmware.input_columns << '\t' << firmware.input_channels << '\t' << firmware.input_border << '\t'
       << firmware.output_rows << '\t' << firmware.output_columns << '\t' << firmware.output_channels << '\t'
       << firmware.interleaved << '\t' << firmware.input_name << '\t' << firmware.output_name << '\n';
  send(line.str());
}

void Compute::run() { send("run\n"); }

bool Compute::send(const std::string& line) {
  // A line is shorter than a pipe, and the child reads each before the next is sent.
  const ssize_t put =
      catapult::retry_on_signal([&] { return ::write(orders_.get(), line.data(), line.size()); });
  return put == static_cast<ssize_t>(line.size());  // else it has ended, which its answers' end tells
}

bool Compute::read_answers() {
  std::array<char, 4096> part;
  for (;;) {
    const ssize_t got =
        catapult::retry_on_signal([&] { return ::read(answers_.get(), part.data(), part.size()); });
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    received_.append(part.data(), static_cast<std::size_t>(got));
    if (received_.size() > 65536) return false;  // it does not keep to the protocol
  }
}

std::optional<std::string> Compute::next_line() {
  const std::size_t end = received_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

}  // namespace card
