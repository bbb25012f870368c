#include "../core/device.h"

#include <cstring>

#include "check.h"
#include "expect-error.h"
#include "fake-card.h"
#include "role-answer.h"
#include "temporary-tree.h"

namespace {

using std::chrono::milliseconds;

using test::answer;

void answer_when_full(test::FakeCard& card, std::uint32_t slot) {
  if (card.control(slot).full == 1) answer(card, slot);
}

struct Host {
  explicit Host(test::FakeCard& card, const char* type = "role", std::uint32_t epoch = 7) {
    tree.file("sysfs/function_type", type);
    catapult::DeviceOptions options;
    options.path = "catapult0";
    options.sysfs = tree.path("sysfs");
    options.epoch = epoch;
    device.emplace(card, options);
  }
  catapult::RoleAnswer ask(test::FakeCard& card, const std::string& text) {
    auto& role = device->role();
    std::memcpy(role.payload(0).data(), text.data(), text.size());
    const auto id = role.send(0, ES_ROLE_LOOPBACK, static_cast<std::uint32_t>(text.size()), 9);
    return role.receive(0, id, card.now() + milliseconds(1000), stop);
  }
  test::TemporaryTree tree;
  std::optional<catapult::Device> device;
  std::atomic<bool> stop{false};
};

void test_loopback() {
  test::FakeCard card;
  card.role = answer_when_full;
  Host host(card);
  CHECK(card.resets == 1 && host.device->identity().function_type == "role");
  for (int i = 1; i <= 3; i++) {
    const auto reply = host.ask(card, "seventeen letters");
    CHECK(reply.header.request_id == (std::uint64_t{7} << 32 | static_cast<std::uint32_t>(i)));
    CHECK(reply.header.modelled_ns == 9 && reply.payload.size() == 17);
    CHECK(std::memcmp(reply.payload.data(), "seventeen letters", 17) == 0);
    CHECK(card.word(4) == (0x80000000u | 6));  // 64 bytes of header and 32 of padded payload
    host.device->role().discard(0);
  }
  const auto room = host.device->role().payload(0).size();
  CHECK(room == 8192 - 64);
  CHECK_ERROR(invalid, "payload: expected at most 8128 bytes, found 8129",
              host.device->role().send(0, ES_ROLE_LOOPBACK, 8129));
}

// An owner of epoch 6 was killed; its answer comes when we wait for ours. It is dropped, whatever it says.
void test_answers_of_a_dead_owner() {
  test::FakeCard card;
  Host host(card);
  int late = 2;
  card.role = [&](test::FakeCard& now, std::uint32_t slot) {
    if (late-- > 0) return answer(now, slot, std::uint64_t{6} << 32 | 1);
    now.control(slot).full = 1;
    answer(now, slot);
  };
  CHECK(host.ask(card, "mine").header.request_id == (std::uint64_t{7} << 32 | 1));
  CHECK(host.device->role().stale_answers() == 2);
  host.device->role().discard(0);

  card.role = [](test::FakeCard& now, std::uint32_t slot) {
    if (now.control(slot).full == 1) answer(now, slot, std::uint64_t{6} << 32 | 2);
  };
  CHECK_ERROR(timeout, "catapult0: no answer from slot 0 in time", host.ask(card, "mine"));
  CHECK(host.device->role().stale_answers() == 3);
}

void test_answers_that_are_none() {
  test::FakeCard card;
  Host host(card);
  const auto broken = [&](std::uint32_t bytes, std::uint32_t magic, std::uint32_t payload) {
    card.role = [=](test::FakeCard& now, std::uint32_t slot) {
      answer(now, slot);
      es_role_answer reply;
      std::memcpy(&reply, now.output(slot), sizeof reply);
      reply.magic = magic;
      reply.payload_bytes = payload;
      std::memcpy(now.output(slot), &reply, sizeof reply);
      now.result(slot).bytes = bytes;
    };
    const auto text = test::error_text(catapult::Status::fault, [&] { host.ask(card, "mine"); });
    host.device->reset();
    return text;
  };
  CHECK(broken(63, ES_ROLE_ANSWER_MAGIC, 0) == "the answer in slot 0 has no header");
  CHECK(broken(64, 0xFFFFFFFF, 0) == "the answer in slot 0 is not of this protocol");
  CHECK(broken(96, ES_ROLE_ANSWER_MAGIC, 33) == "the answer in slot 0 is shorter than its payload of 33 bytes");
  card.role = answer_when_full;
  CHECK(host.ask(card, "again").payload.size() == 5);
}

void test_choice() {
  test::FakeCard card;
  CHECK_ERROR(incompatible, "catapult0 is not the role function, which runs the models, but: management",
              Host(card, "management"));
  CHECK_ERROR(incompatible, "catapult0 is not the role function, which runs the models, but: of unknown type",
              Host(card, ""));
  CHECK(card.calls[catapult::kAcquireSlotRange] == 0);
  card.wide(8) = 0xAD6E60E489BF32C5;
  card.wide(16) = 0x4067F10BC65B44A7;
  CHECK(Host(card, "").device->node().slots().slots == 4);
  card.foreign_owner = true;
  CHECK_ERROR(busy, "catapult0: ACQUIRE_SLOT_RANGE: EBUSY", Host{card});
  CHECK(card.descriptors == 0 && card.mappings == 0);
}

}  // namespace

void test_device() {
  test_loopback();
  test_answers_of_a_dead_owner();
  test_answers_that_are_none();
  test_choice();
}
