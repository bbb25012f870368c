#include "../core/role-engine.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <numeric>
#include <optional>
#include <vector>

#include "check.h"
#include "expect-error.h"
#include "fake-card.h"
#include "temporary-tree.h"

namespace {

using catapult::Network;
using std::chrono::milliseconds;

constexpr std::uint32_t kImageBytes = 20'000;  // three pieces of a slot of 8 KiB

/// A role that takes notes, and answers as it is told.
struct Role {
  explicit Role(test::FakeCard& card) {
    card.role = [this](test::FakeCard& now, std::uint32_t slot) {
      if (std::atomic_ref(now.control(slot).full).load() == 1) answer(now, slot);
    };
  }
  void answer(test::FakeCard& card, std::uint32_t slot) {
    es_role_request request;
    std::memcpy(&request, card.input(slot), sizeof request);
    asked.push_back(request.operation);
    if (request.operation == ES_ROLE_WEIGHTS) {
      const std::byte* payload = card.input(slot) + sizeof request;
      in_order = in_order && request.argument == image.size();
      image.insert(image.end(), payload, payload + request.payload_bytes);
    }
    meanwhile();
    if (request.operation == silent) return;
    es_role_answer reply{};
    reply.magic = ES_ROLE_ANSWER_MAGIC;
    reply.version = ES_ROLE_VERSION;
    reply.operation = request.operation;
    reply.request_id = request.request_id;
    reply.modelled_ns = 7;
    if (request.operation == refused) reply.result = result;
    std::memcpy(card.output(slot), &reply, sizeof reply);
    card.complete(slot, sizeof reply);
  }
  int count(int operation) const { return static_cast<int>(std::count(asked.begin(), asked.end(), operation)); }

  std::vector<int> asked;
  std::vector<std::byte> image;
  bool in_order = true;
  int refused = -1, silent = -1;
  std::uint32_t result = ES_ROLE_OK;
  std::function<void()> meanwhile = [] {};
};

struct Host {
  explicit Host(test::FakeCard& card, bool is_hardware = false) {
    tree.file("sysfs/function_type", "role");
    std::string graph(kImageBytes, ' ');
    std::iota(graph.begin(), graph.end(), '\1');
    tree.file("graph.onnx", graph);
    network.path = tree.path("graph.onnx");
    network.bytes = kImageBytes;
    catapult::DeviceOptions options;
    options.path = "catapult0";
    options.sysfs = tree.path("sysfs");
    engine.emplace(card, options, is_hardware);
    card.resets = 0;
  }
  catapult::LoadReport load() { return engine->load(0, network, engine->now() + milliseconds(5000), stop); }

  test::TemporaryTree tree;
  Network network;
  catapult::Stop stop{false};
  std::optional<catapult::RoleEngine> engine;
};

void test_load() {
  test::FakeCard card;
  Role role(card);
  Host host(card);
  const auto report = host.load();
  CHECK((role.asked == std::vector<int>{ES_ROLE_FIRMWARE, ES_ROLE_INIT, ES_ROLE_WEIGHTS, ES_ROLE_WEIGHTS,
                                        ES_ROLE_WEIGHTS}));
  CHECK(report.requests == 5 && report.modelled_ns == 7);
  std::ifstream file(host.network.path, std::ios::binary);
  const std::string graph{std::istreambuf_iterator<char>(file), {}};
  CHECK(role.in_order && role.image.size() == graph.size() &&
        std::memcmp(role.image.data(), graph.data(), graph.size()) == 0);
}

// Whatever a load fails of, the card is empty afterwards, unless it has to be reset.
void test_load_that_fails() {
  test::FakeCard card;
  Role role(card);
  Host host(card);
  role.refused = ES_ROLE_FIRMWARE;
  role.result = ES_ROLE_INCOMPATIBLE;
  CHECK_ERROR(incompatible, "catapult0: firmware: INCOMPATIBLE: the network needs more than the card has", host.load());
  CHECK(role.asked.back() == ES_ROLE_UNLOAD);
  role.refused = ES_ROLE_WEIGHTS;
  role.result = ES_ROLE_BAD_IMAGE;
  CHECK_ERROR(invalid, "catapult0: weights: BAD_IMAGE", host.load());
  CHECK(role.asked.back() == ES_ROLE_UNLOAD);
  role.result = ES_ROLE_COMPUTE_LOST;
  CHECK_ERROR(fault, "catapult0: weights: COMPUTE_LOST", host.load());
  CHECK(role.asked.back() == ES_ROLE_WEIGHTS);
  role.refused = -1;
  host.network.bytes++;
  CHECK_ERROR(invalid, host.network.path + ": expected 20001 bytes, found 20000", host.load());
  host.network.path += ".gone";
  CHECK_ERROR(invalid, "opening " + host.network.path + ": ENOENT", host.load());
  CHECK(card.resets == 0);
}

// Between two requests the rest is not sent; while one is with the card, its role is reset.
void test_load_given_up() {
  test::FakeCard card;
  Role role(card);
  Host host(card);
  role.meanwhile = [&] { host.stop = role.count(ES_ROLE_WEIGHTS) == 2; };
  CHECK_ERROR(cancelled, "catapult0: given up", host.load());
  CHECK(role.count(ES_ROLE_WEIGHTS) == 2 && role.asked.back() == ES_ROLE_UNLOAD && card.resets == 0);
  role.asked.clear();
  host.stop = false;
  role.silent = ES_ROLE_WEIGHTS;
  role.meanwhile = [&] { host.stop = role.count(ES_ROLE_WEIGHTS) == 1; };
  CHECK_ERROR(cancelled, "catapult0: the wait was given up", host.load());
  CHECK(role.asked.back() == ES_ROLE_WEIGHTS && card.resets == 1);
}

void test_hardware_is_sent_nothing() {
  test::FakeCard card;
  Role role(card);
  Host host(card, true);
  constexpr const char* text = "catapult0 runs no model without its vendor's library";
  CHECK_ERROR(not_supported, text, host.load());
  CHECK_ERROR(not_supported, text, host.engine->start(0, catapult::Work::loopback, 16, 16, milliseconds(1)));
  CHECK_ERROR(not_supported, text, host.engine->unload(0, host.engine->now(), host.stop));
  CHECK(role.asked.empty() && host.engine->health().severity == catapult::Severity::ok);
}

}  // namespace

void test_role_engine() {
  test_load();
  test_load_that_fails();
  test_load_given_up();
  test_hardware_is_sent_nothing();
}
