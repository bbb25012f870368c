#include "control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace card {
namespace {

constexpr std::size_t kMostClients = 8;
constexpr std::size_t kMostBytes = 1024;
constexpr const char* kPath = "control";

int listen_here() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw std::runtime_error(catapult::failure("the control socket", errno));
  ::unlink(kPath);  // of a card that died; this one holds the lock
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, kPath, sizeof address.sun_path - 1);
  const mode_t mask = ::umask(0177);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(mask);
  if (bound && ::listen(fd, kMostClients) == 0) return fd;
  const int error = errno;
  ::close(fd);
  throw std::runtime_error(catapult::failure("the control socket", error));
}

}  // namespace

Control::Control(std::function<std::string(const std::string&)> answer)
    : answer_(std::move(answer)), listener_(listen_here()) {}

void Control::add_to(std::vector<pollfd>& watched) const {
  if (clients_.size() < kMostClients) watched.push_back({listener_.get(), POLLIN, 0});
  for (const Client& client : clients_) watched.push_back({client.socket.get(), POLLIN, 0});
}

void Control::serve() {
  while (clients_.size() < kMostClients) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) break;
    clients_.push_back({catapult::FileDescriptor(fd), {}});
  }
  clients_.remove_if([&](Client& client) { return !read_from(client); });
}

bool Control::read_from(Client& client) {
  std::array<char, kMostBytes> part;
  const ssize_t got =
      catapult::retry_on_signal([&] { return ::read(client.socket.get(), part.data(), part.size()); });
  if (got < 0) return errno == EAGAIN;
  if (got == 0) return false;
  client.received.append(part.data(), static_cast<std::size_t>(got));
  const std::size_t end = client.received.find('\n');
  if (end == std::string::npos) return client.received.size() < kMostBytes;
  const std::string line = answer_(client.received.substr(0, end)) + "\n";
  (void)::send(client.socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
  return false;
}

}  // namespace card
