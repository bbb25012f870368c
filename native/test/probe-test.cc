#include "../core/probe.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "../core/system-call.h"
#include "check.h"
#include "temporary-tree.h"

namespace {

bool starts_with(const std::optional<std::string>& text, const char* start) {
  return text && text->starts_with(start);
}

/// What a file that is no device says; a user-mode emulation of another processor says ENOSYS for it.
bool refused_by_the_file(const std::optional<std::string>& error) {
  return starts_with(error, "GET_DRIVER_VERSION: ENOTTY") || starts_with(error, "GET_DRIVER_VERSION: ENOSYS");
}

catapult::ProbeOptions in(const test::TemporaryTree& tree, catapult::Ioctl ioctl = catapult::system_ioctl) {
  return {tree.path("dev"), tree.path("class"), ioctl};
}

void test_list() {
  const test::TemporaryTree tree;
  const std::string dev = tree.directory("dev");
  CHECK(catapult::list_nodes(dev).empty());
  for (const char* name : {"catapult10", "catapult2", "catapult0", "catapult", "catapultx", "catapult1x", "xcatapult1",
                           "catapult99999999999", "null"}) {
    tree.file(std::string("dev/") + name);
  }
  const auto nodes = catapult::list_nodes(dev);
  CHECK(nodes.size() == 3);
  CHECK(nodes == (std::vector<std::string>{dev + "/catapult0", dev + "/catapult2", dev + "/catapult10"}));

  bool thrown = false;
  try {
    catapult::list_nodes(tree.path("absent"));
  } catch (const std::runtime_error& error) {
    thrown = std::string(error.what()).find("ENOENT") != std::string::npos;
  }
  CHECK(thrown);
}

void test_versions() {
  CHECK(catapult::version_text({5, 1, 4, 12}) == "5.1.4.12");
  CHECK(!catapult::refuse_version({5, 1, 4, 12}));
  CHECK(!catapult::refuse_version({5, 65535, 0, 0}));
  CHECK(starts_with(catapult::refuse_version({6, 0, 0, 1}), "driver version 6.0.0.1 is not supported"));
  CHECK(catapult::refuse_version({4, 9, 9, 9}).has_value());
  CHECK(catapult::refuse_version({0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}).has_value());  // a card that is gone reads all ones
}

// What is at the path is not the driver: it must be said by the call and the errno, and nothing may hang.
void test_no_driver_behind_the_path() {
  const test::TemporaryTree tree;
  catapult::ProbeOptions options;
  options.sysfs_dir = tree.directory("class");
  CHECK(refused_by_the_file(catapult::probe_node(tree.file("catapult0"), options).error));
  CHECK(starts_with(catapult::probe_node(tree.directory("catapult1"), options).error, "open: EISDIR"));
  CHECK(starts_with(catapult::probe_node(tree.path("catapult2"), options).error, "stat: ENOENT"));
  std::filesystem::create_symlink("nowhere", tree.path("catapult3"));
  CHECK(starts_with(catapult::probe_node(tree.path("catapult3"), options).error, "stat: ENOENT"));
  CHECK(::mkfifo(tree.path("catapult4").c_str(), 0600) == 0);
  CHECK(starts_with(catapult::probe_node(tree.path("catapult4"), options).error, "GET_DRIVER_VERSION: "));
  std::filesystem::create_symlink("/dev/null", tree.path("catapult5"));
  CHECK(refused_by_the_file(catapult::probe_node(tree.path("catapult5"), options).error));
  if (::geteuid() != 0) {
    const std::string closed = tree.file("catapult6");
    CHECK(::chmod(closed.c_str(), 0) == 0);
    CHECK(starts_with(catapult::probe_node(closed, options).error, "open: EACCES"));
  } else {
    std::puts("skipped: an unreadable node gives EACCES (root may open anything)");
  }
}

// A node that cannot be asked keeps what sysfs knows of it.
void test_identity_without_a_driver() {
  const test::TemporaryTree tree;
  tree.file("dev/catapult0");
  tree.file("dev/catapult1");
  tree.file("class/catapult1/function_type", "role\n");
  tree.file("class/catapult1/role_id", "0x601d\n");
  const auto nodes = catapult::probe(in(tree));
  CHECK(nodes.size() == 2);
  CHECK(!nodes[0].identity.function_type);
  CHECK(nodes[1].identity.function_type == "role");
  CHECK(nodes[1].identity.role_id == "0x601d");
  CHECK(nodes[1].error.has_value() && !nodes[1].driver && !nodes[1].slots);
}

// What the driver's answers become, by its real command numbers. Answers after one signal, as a busy system may.
template <std::uint16_t Major, int SlotError>
int fake_driver(int, std::uint32_t command, void* answer) {
  static bool interrupted = false;
  if ((interrupted = !interrupted)) {
    errno = EINTR;
    return -1;
  }
  if (command == 0x8008F010) {
    *static_cast<catapult::DriverVersion*>(answer) = {Major, 1, 4, 12};
    return 0;
  }
  if (command == 0x8008F011 && SlotError == 0) {
    *static_cast<catapult::SlotConfig*>(answer) = {1048576, 64};
    return 0;
  }
  errno = SlotError != 0 ? SlotError : EINVAL;
  return -1;
}

void test_answers() {
  const test::TemporaryTree tree;
  const std::string path = tree.file("dev/catapult0");
  const auto good = catapult::probe_node(path, in(tree, fake_driver<5, 0>));
  CHECK(!good.error);
  CHECK(good.driver && catapult::version_text(*good.driver) == "5.1.4.12");
  CHECK(good.slots && good.slots->slots == 64 && good.slots->bytes_per_slot == 1048576);

  const auto newer = catapult::probe_node(path, in(tree, fake_driver<6, 0>));
  CHECK(newer.driver.has_value() && !newer.slots);
  CHECK(starts_with(newer.error, "driver version 6.1.4.12 is not supported: expected major version 5"));

  const auto lost = catapult::probe_node(path, in(tree, fake_driver<5, ENOTCONN>));
  CHECK(lost.driver.has_value() && !lost.slots);
  CHECK(starts_with(lost.error, "GET_SLOT_CONFIG: ENOTCONN"));
}

void test_system_calls() {
  CHECK(catapult::errno_text(EBUSY).starts_with("EBUSY ("));
  CHECK(catapult::errno_text(9999).starts_with("errno 9999 ("));
  int calls = 0;
  const int result = catapult::retry_on_signal([&] {
    errno = EINTR;
    return ++calls < 3 ? -1 : 7;
  });
  CHECK(result == 7 && calls == 3);
}

}  // namespace

void test_probe() {
  test_list();
  test_versions();
  test_no_driver_behind_the_path();
  test_identity_without_a_driver();
  test_answers();
  test_system_calls();
}
