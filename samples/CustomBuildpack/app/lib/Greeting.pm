package Greeting;
use strict;
use warnings;

sub page { return "Hello from Perl " . sprintf("%vd", $^V) . "\n" }

1;
