#include "../core/sysfs.h"

#include <sys/stat.h>

#include "check.h"
#include "temporary-tree.h"

void test_sysfs() {
  const test::TemporaryTree tree;

  CHECK(catapult::read_attribute(tree.file("plain", "role\n")) == "role");
  CHECK(catapult::read_attribute(tree.file("padded", " \t0x4067F10B \n\n")) == "0x4067F10B");
  CHECK(!catapult::read_attribute(tree.file("empty")));
  CHECK(!catapult::read_attribute(tree.file("blank", "  \n")));
  CHECK(!catapult::read_attribute(tree.path("absent")));
  CHECK(!catapult::read_attribute(tree.directory("directory")));
  CHECK(catapult::read_attribute(tree.file("long", std::string(10000, 'x')))->size() == 4096);
  CHECK(::mkfifo(tree.path("fifo").c_str(), 0600) == 0);
  CHECK(!catapult::read_attribute(tree.path("fifo")));

  CHECK(catapult::parse_temperature("52 C") == 52.0);
  CHECK(catapult::parse_temperature("-3 C") == -3.0);
  CHECK(!catapult::parse_temperature("unknown"));
  CHECK(!catapult::parse_temperature(""));

  tree.file("class/catapult1/function_type", "role\n");
  tree.file("class/catapult1/shell_version", "1.2\n");
  tree.file("class/catapult1/temperature", "47 C\n");
  const catapult::Identity identity = catapult::read_identity(tree.path("class/catapult1"));
  CHECK(identity.function_type == "role");
  CHECK(identity.shell_version == "1.2");
  CHECK(identity.temperature == 47.0);
  CHECK(!identity.board_id);
  CHECK(!catapult::read_identity(tree.path("class/catapult9")).function_type);
}
