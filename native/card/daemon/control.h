// The control socket: one line in, one line out, then closed. Fields of an answer are separated by tabs.
#pragma once

#include <poll.h>

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "system-call.h"

namespace card {

class Control {
 public:
  /// Listens on the socket `control` in the current directory, for its owner only.
  /// @param answer takes a line without its end, gives one
  explicit Control(std::function<std::string(const std::string&)> answer);

  void add_to(std::vector<pollfd>& watched) const;
  /// Serves whoever is ready; never waits.
  void serve();

 private:
  struct Client {
    catapult::FileDescriptor socket;
    std::string received;
  };
  /// @return false when this client is finished with
  bool read_from(Client& client);

  std::function<std::string(const std::string&)> answer_;
  catapult::FileDescriptor listener_;
  std::list<Client> clients_;
};

}  // namespace card
