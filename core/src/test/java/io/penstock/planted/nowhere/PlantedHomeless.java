package io.penstock.planted.nowhere;

final class PlantedHomeless {}
