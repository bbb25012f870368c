// The role: takes messages out of slots, holds one network for the whole card, answers in the order of its own time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "card-memory.h"
#include "compute.h"
#include "driver.h"
#include "edgeslot_role.h"
#include "faults.h"
#include "shell.h"
#include "witness.h"

namespace card {

class Role {
 public:
  Role(const CardMemory& memory, const ComputeMemory& compute_memory, Compute& compute, Driver& driver, Shell& shell,
       Faults& faults, Witness& witness);

  /// Takes what the host has put into slots, and gives answers that are due.
  void work(Clock::time_point now);
  /// The compute child has written, or ended.
  void compute_answered();
  /// When `work` is next to be called for an answer; nothing when none is pending.
  std::optional<Clock::time_point> next_due() const;
  /// Forgets the network and every request; answers that are late stay on their way.
  void reset();

  /// After an exception: refuses everything until it is reset.
  bool halted() const { return halted_; }
  /// Answers on their way.
  std::size_t pending() const { return answers_.size(); }
  es_role_status status() const;
  static const char* state_name(std::uint32_t state);

 private:
  struct Request {
    std::uint32_t slot = 0;
    bool interrupt = false;
    es_role_request header{};
    std::vector<std::byte> payload = {};
    Clock::time_point taken = {};
  };
  struct Answer {
    std::uint32_t slot;
    bool interrupt;
    bool late;
    Clock::time_point due;
    es_role_answer header;
    std::vector<std::byte> payload;
  };

  void take_requests(Clock::time_point now);
  void take(Request request, std::uint32_t sent_bytes);
  void witness(const Request& request);
  std::uint32_t check(const Request& request, std::uint32_t sent_bytes) const;
  void perform(Request request);
  void take_firmware(const Request& request);
  void take_image(const Request& request);
  void take_weights(Request request);
  void unload(const Request& request);
  void loop_back(const Request& request);
  void start_next_run();
  void loaded(const std::string& line);
  void ran(const std::string& line);
  void compute_lost();
  void empty();

  void refuse(const Request& request, es_role_result result);
  void answer(const Request& request, es_role_result result, std::vector<std::byte> payload = {},
              std::chrono::nanoseconds modelled = {});
  void deliver(Clock::time_point now);

  const CardMemory& memory_;
  const ComputeMemory& compute_memory_;
  Compute& compute_;
  Driver& driver_;
  Shell& shell_;
  Faults& faults_;
  Witness& witness_;

  es_role_state state_ = ES_ROLE_EMPTY;
  bool halted_ = false;  // after an exception, until reset
  bool in_reset_ = false;
  es_role_firmware firmware_{};
  es_role_image image_{};
  std::uint64_t received_ = 0;
  std::uint32_t load_requests_ = 0;
  Clock::time_point load_started_{};
  std::optional<Request> loading_;  // the last part of the weights, answered when the network is ready
  std::deque<Request> runs_;        // the first is with the child when `computing_`
  bool computing_ = false;
  std::list<Answer> answers_;
  std::uint64_t loads_ = 0;
  std::uint64_t runs_done_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace card
