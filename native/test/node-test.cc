#include <filesystem>
#include <string>

#include "../core/device-node.h"
#include "../core/probe.h"
#include "../core/registers.h"
#include "../core/shell-health.h"
#include "check.h"
#include "expect-error.h"
#include "fake-card.h"
#include "temporary-tree.h"

namespace {

void test_identity() {
  test::FakeCard card;
  for (const auto command : {catapult::kGetDriverVersion, catapult::kGetSlotConfig, catapult::kGetRegisterInfo}) {
    card.script(command, {EINTR, EINTR});
  }
  {
    const catapult::DeviceNode node(card, "catapult0");
    CHECK(catapult::version_text(node.version()) == "5.1.4.12");
    CHECK(node.slots().slots == 4 && node.slots().bytes_per_slot == 8192);
    CHECK(node.register_bytes() == 0x10000);
    CHECK(card.calls[catapult::kGetDriverVersion] == 3);
  }
  CHECK(card.descriptors == 0);
}

void test_one_descriptor_per_process() {
  test::FakeCard card;
  const test::TemporaryTree tree;
  const std::string path = tree.file("dev/catapult0");
  std::filesystem::create_symlink(path, tree.path("dev/catapult1"));
  {
    const catapult::DeviceNode node(card, path);
    CHECK(catapult::is_held(path) && catapult::is_held(tree.path("dev/catapult1")));
    CHECK_ERROR(busy, tree.path("dev/catapult1") + " is already open in this process",
                catapult::DeviceNode(card, tree.path("dev/catapult1")));
    CHECK(card.descriptors == 1);
    // A look at a held node would free its slots when it closes: the probe must not take one.
    catapult::ProbeOptions options;
    options.sysfs_dir = tree.path("class");
    const auto probed = catapult::probe_node(path, options);
    CHECK(probed.error && probed.error->find("held by this process") != std::string::npos && !probed.driver);
  }
  CHECK(!catapult::is_held(path));
  const catapult::DeviceNode again(card, path);
  CHECK(card.descriptors == 1);
}

void test_refusals() {
  test::FakeCard card;
  const auto open = [&] { catapult::DeviceNode node(card, "catapult7"); };
  card.open_error = ENOENT;
  CHECK_ERROR(no_device, "catapult7: open: ENOENT", open());
  card.open_error = EACCES;
  CHECK_ERROR(access, "catapult7: open: EACCES", open());
  card.open_error = ENOTCONN;
  CHECK_ERROR(lost, "catapult7: open: ENOTCONN", open());
  card.open_error = 0;
  card.version.product_major = 6;
  CHECK_ERROR(incompatible, "catapult7: driver version 6.1.4.12 is not supported", open());
  card.version.product_major = 5;
  card.script(catapult::kGetSlotConfig, {ENOTTY});
  CHECK_ERROR(not_supported, "catapult7: GET_SLOT_CONFIG: ENOTTY", open());
  for (const catapult::SlotConfig config : {catapult::SlotConfig{8192, 1}, {8192, 257}, {4096, 64}, {8200, 64}}) {
    card.config = config;
    CHECK_ERROR(incompatible, "catapult7: " + std::to_string(config.slots) + " slots of ", open());
  }
  test::FakeCard small(4, 8192, 4096);
  CHECK_ERROR(incompatible, "catapult7: registers of 4096 bytes", catapult::DeviceNode(small, "catapult7"));
  CHECK(card.descriptors == 0 && small.descriptors == 0);
  CHECK(!catapult::is_held("catapult7"));
}

void test_doorbells() {
  test::FakeCard card;
  const catapult::DeviceNode node(card, "catapult0");
  catapult::Registers registers(node);
  CHECK(!registers.soft_doorbells() && !registers.is_role());
  registers.ring(3, 317'408);
  CHECK(card.word(0x304) == (0x80000000u | 19838));
  registers.clear_done(2);
  CHECK(card.word(0x214) == 1);
  card.wide(8) = 0xAD6E60E489BF32C5;
  card.wide(16) = 0x4067F10BC65B44A7;
  CHECK(registers.is_role());
}

void test_soft_doorbells() {
  test::FakeCard card(4, 8192, 0x800000);
  card.wide(0x7E3F80) = 0x8926FC9C4E6256D9;
  const catapult::DeviceNode node(card, "catapult0");
  catapult::Registers registers(node);
  CHECK(registers.soft_doorbells());
  registers.ring(3, 64);
  CHECK(card.wide(0x7E3F80) == 0x0000030480000004);
  CHECK(card.word(0x304) == 0);
}

void test_health() {
  test::FakeCard card;
  const catapult::DeviceNode node(card, "catapult0");
  const catapult::Registers registers(node);
  card.shell(catapult::kShellTemperature) = 0x5A'E2'34'00;
  auto health = catapult::read_health(registers);
  CHECK(health.severity == catapult::Severity::ok && health.text == "ok");
  CHECK(health.temperature == 52 && health.temperature_minimum == -30 && health.temperature_maximum == 90);

  card.shell(catapult::kShellTemperature) = 0x5F'E2'5D'01;
  card.shell(catapult::kShellDramEcc) = 3;
  health = catapult::read_health(registers);
  CHECK(health.severity == catapult::Severity::warning && health.memory_errors == 3);
  CHECK(health.text == "temperature warning: 93 degrees Celsius; card memory: ECC status 3");

  card.shell(catapult::kShellTemperature) = 0x65'E2'65'03;
  CHECK(catapult::read_health(registers).severity == catapult::Severity::transient);
  card.shell(catapult::kShellConfigurationErrors) = 0xFFFF;
  card.shell(catapult::kShellRoleId) = 0x601D;
  health = catapult::read_health(registers);
  CHECK(health.severity == catapult::Severity::return_board);
  CHECK(health.text.find("golden image") != std::string::npos);
  CHECK(catapult::severity_name(health.severity) == std::string("return-board"));

  card.vanish();
  health = catapult::read_health(registers);
  CHECK(health.severity == catapult::Severity::unknown && !health.temperature);
  CHECK_ERROR(lost, "catapult0: the registers read all ones", catapult::Registers{node});
}

}  // namespace

void test_node() {
  test_identity();
  test_one_descriptor_per_process();
  test_refusals();
  test_doorbells();
  test_soft_doorbells();
  test_health();
}
