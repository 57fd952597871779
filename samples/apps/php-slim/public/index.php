<?php

use App\Greeting;

require __DIR__ . '/../vendor/autoload.php';

// Composer's copy if the app requires slim/slim, else the one of Debian's package php-slim.
if (!class_exists(Slim\App::class)) {
    require 'Slim/autoload.php';
}

// Slim 3 is older than PHP 8.2, which tells so at every request.
error_reporting(E_ALL & ~E_DEPRECATED);

$app = new Slim\App();

$app->get('/', function ($request, $response) {
    $response->getBody()->write(Greeting::text(''));

    return $response->withHeader('Content-Type', 'text/plain');
});

$app->get('/hello/{name}', function ($request, $response, array $arguments) {
    $response->getBody()->write(Greeting::text($arguments['name']));

    return $response->withHeader('Content-Type', 'text/plain');
});

$app->get('/server', function ($request, $response) {
    return $response->withJson(['php' => PHP_VERSION, 'served_by' => PHP_SAPI, 'https' => ($_SERVER['HTTPS'] ?? '') === 'on']);
});

$app->run();
