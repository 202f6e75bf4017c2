package io.penstock.planted.worker;

import java.sql.Connection;

abstract class PlantedSql {
    abstract Connection connection();
}
