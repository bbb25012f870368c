// The virtual card that the tests run on: where it is, and its control socket.
#pragma once

#include <string>

#include "../../core/device.h"

namespace test {

class CardUnderTest {
 public:
  explicit CardUnderTest(std::string directory) : directory_(std::move(directory)) {}

  std::string node() const { return directory_ + "/dev/catapult0"; }

  /// How an owner of this epoch opens it.
  catapult::DeviceOptions options(std::uint32_t epoch) const;

  /// One line to the card, such as `fault timeout 1`, and its answer. Throws std::runtime_error unless that is `ok`.
  std::string ask(const std::string& line) const;

  /// One field of its status; empty when it has none of that name.
  std::string status(const std::string& field) const;

  /// Asks again and again until the field has this value. @return false when it has not for 10 seconds
  bool becomes(const std::string& field, const std::string& value) const;

 private:
  std::string directory_;
};

/// A fault until the end of the scope, or until the card has made it.
class FaultInCard {
 public:
  FaultInCard(const CardUnderTest& card, const std::string& fault) : card_(card) { card.ask("fault " + fault); }
  FaultInCard(const FaultInCard&) = delete;
  FaultInCard& operator=(const FaultInCard&) = delete;
  ~FaultInCard();

 private:
  const CardUnderTest& card_;
};

}  // namespace test
