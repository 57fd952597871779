<?php

namespace App;

/** What the first page says. */
final class Greeting
{
    public static function text(string $name): string
    {
        return 'Hello from Slim' . ($name === '' ? '' : ', ' . mb_convert_case($name, MB_CASE_TITLE)) . "\n";
    }
}
