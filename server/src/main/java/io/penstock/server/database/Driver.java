package io.penstock.server.database;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections straight from the driver that knows the address, a new one each time: for one look every ten seconds a pool
 * would only keep what it does not need.
 */
final class Driver implements DataSource {
    /** What PostgreSQL's driver may wait for a socket; its default is for ever. H2 and others refuse or ignore it. */
    private static final String SOCKET_SECONDS = "10";

    private final String url;
    private final Properties login = new Properties();

    Driver(String url, String user, String password) {
        this.url = url;
        if (!user.isEmpty()) {
            login.setProperty("user", user);
        }
        if (!password.isEmpty()) {
            login.setProperty("password", password);
        }
        if (url.startsWith("jdbc:postgresql:")) {
            login.setProperty("connectTimeout", SOCKET_SECONDS);
            login.setProperty("socketTimeout", SOCKET_SECONDS);
        }
    }

    /** Tells whether a driver on the class path knows the address. */
    static boolean known(String url) {
        return DriverManager.drivers().anyMatch(driver -> {
            try {
                return driver.acceptsURL(url);
            } catch (SQLException illegal) {
                return false;
            }
        });
    }

    @Override
    public Connection getConnection() throws SQLException {
        return DriverManager.getConnection(url, login);
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("this source writes no log");
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("the address says how long a login may take");
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("this source does not use java.util.logging");
    }

    @Override
    public <T> T unwrap(Class<T> wanted) throws SQLException {
        throw new SQLException(wanted.getName() + " is not wrapped here");
    }

    @Override
    public boolean isWrapperFor(Class<?> wanted) {
        return false;
    }
}
