#include "open-card.h"

#include <map>
#include <mutex>

namespace edgeslot {
namespace {

/// Shared by all environments of the process: worker threads attach by number.
struct Registry {
  std::mutex mutex;
  std::map<std::uint32_t, std::weak_ptr<OpenCard>> cards;
  std::uint32_t last = 0;
};

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

std::shared_ptr<OpenCard> OpenCard::open(const catapult::OpenOptions& options) {
  auto card = std::make_shared<OpenCard>(options);
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  card->token_ = ++all.last;
  all.cards[card->token_] = card;
  return card;
}

std::shared_ptr<OpenCard> OpenCard::find(std::uint32_t token) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto it = all.cards.find(token);
  return it == all.cards.end() ? nullptr : it->second.lock();
}

OpenCard::~OpenCard() { close(); }

void OpenCard::close() {
  {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    all.cards.erase(token_);
  }
  thread_.close();
}

}  // namespace edgeslot
